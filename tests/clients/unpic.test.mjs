// unpic's provider for this protocol: a library that pages make image URLs with.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { parseUrl } from 'unpic/extract';
import { extract, generate, transform } from 'unpic/providers/scene7';

import { serve, shared, sizeOf } from './support.mjs';

/** Pictures of the demo catalog, and their size. */
const HARBOUR = ['demo/harbour', 4800, 2700];
const RING = ['demo/ring', 1000, 1000];
const SIGNAL = ['demo/signal', 400, 400];

const jpeg = (width, height) => ({ type: 'image/jpeg', width, height });
const png = (width, height) => ({ type: 'image/png', width, height });

/** What is asked for, and what has to come: `fit=crop,0` where nothing else is said. */
const ANSWERED = [
  [HARBOUR, { width: 400 }, jpeg(400, 225)],
  [HARBOUR, { height: 270 }, jpeg(480, 270)],
  [HARBOUR, { width: 400, height: 300 }, jpeg(400, 300)],
  [HARBOUR, { width: '400.4', height: 299.6 }, jpeg(400, 300)],
  [HARBOUR, { width: 400, height: 300, quality: 60 }, jpeg(400, 300)],
  [HARBOUR, { width: 400, quality: '70,1' }, jpeg(400, 225)],
  [HARBOUR, { width: 400, format: 'jpeg' }, jpeg(400, 225)],
  [HARBOUR, { width: 400, format: 'jpg' }, jpeg(400, 225)],
  [HARBOUR, { width: 400, format: 'pjpeg' }, { ...jpeg(400, 225), isProgressive: true }],
  [HARBOUR, { width: 400, format: 'png' }, png(400, 225)],
  [RING, { width: 300, height: 200, format: 'png-alpha' }, png(300, 200)],
  [HARBOUR, { width: 400, height: 300, fit: 'fit' }, jpeg(400, 300)],
  [HARBOUR, { width: 400, height: 300, fit: 'fit,1' }, jpeg(400, 300)],
  [HARBOUR, { width: 400, height: 300, fit: 'constrain' }, jpeg(400, 225)],
  [HARBOUR, { width: 400, height: 300, fit: 'crop,1' }, jpeg(400, 300)],
  [HARBOUR, { width: 400, height: 300, fit: 'wrap,0' }, jpeg(533, 300)],
  [HARBOUR, { width: 400, height: 300, fit: 'stretch' }, jpeg(400, 300)],
  [HARBOUR, { width: 400, height: 300, fit: 'hfit' }, jpeg(400, 300)],
  [HARBOUR, { width: 400, height: 300, fit: 'vfit' }, jpeg(400, 300)],
  [SIGNAL, { width: 800, height: 800 }, jpeg(800, 800)],
  [SIGNAL, { width: 800 }, jpeg(400, 400)],
  [HARBOUR, { width: 200, crop: '1440,1350,720,720' }, jpeg(200, 200)],
  [HARBOUR, { width: 200, rotate: 90 }, jpeg(200, 356)],
  [HARBOUR, { width: 200, op_usm: '1.2,3', op_blur: 2, bgColor: 'ffffff', cache: 'off' }, jpeg(200, 113)],
];

/** What unpic can say and this server refuses. Whoever makes one of them work moves it up. */
const REFUSED = [
  // Without a width or height `fit` is an error by the protocol; unpic adds it all the same.
  [{}, 'fit: needs wid or hei'],
  [{ quality: 60 }, 'fit: needs wid or hei'],
  [{ format: 'png' }, 'fit: needs wid or hei'],
  // The protocol has dpr=on,2 and flip=lr or ud.
  [{ width: 400, dpr: 2 }, 'dpr: needs off, or on and a number'],
  [{ width: 400, flip: 'h' }, 'flip: '],
  [{ width: 400, format: 'avif' }, 'fmt: the format avif is not built in (feature avif)'],
];

let address;
const file = shared();
before(async () => (address = await serve(file)));
const url = (object) => `${address}/is/image/${object}`;
const commandsOf = (from) => [...new URL(from).searchParams].sort();
const request = (from) => from.slice(address.length);

test('makes URLs that are answered with what they ask for', async () => {
  for (const [[object], operations, expected] of ANSWERED) {
    const made = transform(url(object), { ...operations });
    const reply = await fetch(made);
    const body = Buffer.from(await reply.arrayBuffer());
    assert.equal(reply.status, 200, `${request(made)}: ${body.subarray(0, 200)}`);
    const { isProgressive = false, ...found } = sizeOf(body);
    assert.deepEqual({ ...found, isProgressive }, { isProgressive: false, ...expected }, request(made));
    assert.equal(reply.headers.get('content-type'), expected.type);
  }
});

test('reads back what it has made', () => {
  for (const [[object], operations] of ANSWERED) {
    const made = generate(url(object), { ...operations });
    const { src, operations: found } = extract(made);
    assert.equal(src, url(object));
    const expected = { fit: 'crop,0', ...operations };
    for (const [name, value] of Object.entries(expected)) {
      const isNumber = ['width', 'height'].includes(name);
      assert.equal(String(found[name]), String(isNumber ? Math.round(value) : value), `${name} of ${request(made)}`);
    }
    assert.deepEqual(commandsOf(transform(made, {})), commandsOf(made), 'the same URL again');
    assert.equal(parseUrl(made).cdn, 'scene7', 'the path tells it');
  }
});

test('keeps the version, and changes the size', async () => {
  const props = await (await fetch(`${url('demo/harbour')}?req=props`)).text();
  const [, version] = /^image\.version=(\w+)/m.exec(props);
  const made = transform(`${url('demo/harbour')}?wid=100&id=${version}`, { width: 320 });
  assert.match(made, new RegExp(`[?&]id=${version}(&|$)`));
  assert.match(made, /[?&]wid=320(&|$)/);
  const reply = await fetch(made);
  assert.deepEqual(sizeOf(Buffer.from(await reply.arrayBuffer())), { ...jpeg(320, 180), isProgressive: false });
});

test('says some things that are refused by name', async () => {
  for (const [operations, words] of REFUSED) {
    const made = transform(url('demo/harbour'), { ...operations });
    const reply = await fetch(made);
    const text = await reply.text();
    assert.equal(reply.status, 403, request(made));
    assert.ok(text.startsWith(words), `${request(made)}: ${text}`);
    assert.equal(reply.headers.get('cache-control'), 'no-store');
  }
});
