// Pages of another origin: scripts that call back, and pictures.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { browser, open, serve } from './support.mjs';

/** A page from another port, which is another origin. */
async function page(t, html) {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html;charset=UTF-8').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.closeAllConnections?.() ?? server.close());
  t.after(() => server.close());
  return `http://localhost:${server.address().port}/`;
}

test('a script of another origin calls back with the object and the id of the request', async (t) => {
  const address = await serve(t);
  const object = `${address}/is/image/demo/harbour`;
  const { page: tab, complaints } = await open(await browser(t));
  await tab.goto(
    await page(
      t,
      `<!doctype html><link rel="icon" href="data:,">
      <script>
        calls = [];
        for (const name of ['s7jsonResponse', 'properties2', 'places', 'missing'])
          window[name] = (...args) => calls.push([name, ...args]);
      </script>
      <script src="${object}?req=props,json&scl=1&id=101"></script>
      <script src="${object}?req=props,json&scl=2&id=102&handler=properties2"></script>
      <script src="${object}?req=targets,json&id=103&handler=places"></script>
      <script src="${object}?req=userdata,json&id=104&locale=fr&handler=places"></script>
      <script src="${object}?req=map,json&id=105&handler=places"></script>
      <script src="${address}/is/image/demo/nowhere?req=exists,json&id=106&handler=missing"></script>`,
    ),
  );
  const calls = await tab.evaluate(() => window.calls);
  assert.deepEqual(calls.map(([name, , id]) => [name, id]), [
    ['s7jsonResponse', '101'],
    ['properties2', '102'],
    ['places', '103'],
    ['places', '104'],
    ['places', '105'],
    ['missing', '106'],
  ]);
  const [full, half, targets, userdata, map, exists] = calls.map(([, properties]) => properties);
  assert.deepEqual([full['image.width'], full['image.height']], ['4800', '2700']);
  assert.deepEqual([half['image.width'], half['image.height']], ['2400', '1350']);
  assert.match(full['image.version'], /^[0-9A-Za-z]{22}$/);
  assert.equal(full['image.version'], half['image.version']);
  assert.equal(targets['Target.1.rect'], '1515,1425,565,600');
  assert.equal(userdata.title, 'Port au crépuscule');
  assert.match(map.map, /^<AREA /);
  assert.equal(exists['catalogRecord.exists'], '0');
  assert.deepEqual(complaints, []);
});

test('a page of another origin shows pictures', async (t) => {
  const address = await serve(t, '--id-policy', 'verify');
  const requests = ['demo/harbour?wid=320', 'demo/ring?wid=200&fmt=png-alpha', 'demo/poster?req=tmb', 'gallery/nowhere?wid=60'];
  const images = requests.map((request) => `<img src="${address}/is/image/${request}">`).join('');
  const { page: tab, complaints } = await open(await browser(t));
  await tab.goto(await page(t, `<!doctype html><link rel="icon" href="data:,">${images}`));
  const sizes = await tab.evaluate(() => [...document.images].map(({ complete, naturalWidth }) => complete && naturalWidth));
  assert.deepEqual(sizes.slice(0, 2), [320, 200]);
  assert.ok(sizes.every((width) => width > 0), sizes.join());
  assert.deepEqual(complaints, []);
});
