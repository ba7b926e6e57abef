// The viewer on the demo catalogs: marks, keys, fingers, narrow screens and words for what goes wrong.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { browser, open, place, serve, settled, shared, shoot, tileOf } from './support.mjs';

const WIDE = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true, reducedMotion: 'reduce' };

let address;
let started;
const file = shared();

before(async () => {
  address = await serve(file, '--id-policy', 'verify');
  started = await browser(file);
});

async function view(object, options = WIDE, query = '') {
  const opened = await open(started, options);
  await opened.page.goto(`${address}/viewer/?object=${object}${query}`);
  return opened;
}

const percent = async (page) => Number.parseInt(await page.locator('#full-size').textContent(), 10);

test('is linked from the page of all objects', async () => {
  const { page, complaints } = await open(started, WIDE);
  await page.goto(address);
  await page.locator('article', { hasText: 'demo/harbour/mirrored' }).getByRole('link', { name: 'deep zoom' }).click();
  await settled(page);
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'demo/harbour/mirrored');
  await page.getByRole('link', { name: 'Platemark' }).click();
  await page.getByRole('heading', { name: 'All objects' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('asks for tiles, map and targets by version', async () => {
  const opened = await open(started, WIDE);
  const replies = [];
  opened.page.on('response', (response) => replies.push(response));
  await opened.page.goto(`${address}/viewer/?object=demo/harbour`);
  await settled(opened.page);
  await opened.page.getByRole('button', { name: 'Red boat' }).waitFor();
  const props = await (await fetch(`${address}/is/image/demo/harbour?req=props`)).text();
  const version = (name) => new RegExp(`^${name}\\.version=(\\w+)`, 'm').exec(props)[1];
  const tiles = replies.filter((reply) => tileOf(reply.url()));
  assert.ok(tiles.length > 2);
  for (const reply of tiles) {
    assert.equal(tileOf(reply.url()).id, version('image'));
    assert.match(reply.headers()['cache-control'], /immutable/);
  }
  for (const kind of ['map', 'targets']) {
    const [reply, ...more] = replies.filter((reply) => reply.url().includes(`req=${kind}`));
    assert.ok(reply.url().includes(`id=${version('metadata')}`), reply.url());
    assert.match(reply.headers()['cache-control'], /immutable/);
    assert.equal(more.length, 0, 'asked once');
  }
  assert.deepEqual(opened.complaints, []);
});

test('zooms to targets', async () => {
  const { page, complaints } = await view('demo/harbour');
  await settled(page);
  await shoot(page, 'wide');
  await page.getByRole('button', { name: 'Red boat' }).click();
  await settled(page);
  await shoot(page, 'wide-target');
  const { x, y, scale } = await place(page);
  const box = await page.locator('#stage').boundingBox();
  const [left, top] = [x + 1515 * scale, y + 1425 * scale];
  const [width, height] = [565 * scale, 600 * scale];
  assert.ok(left >= 0 && top >= 0 && left + width <= box.width && top + height <= box.height, 'all of it is seen');
  assert.ok(Math.max(width / box.width, height / box.height) > 0.85, 'as large as it can be');
  await page.keyboard.press('t');
  assert.equal(await page.getByRole('button', { name: 'Red boat' }).count(), 0);
  await page.getByRole('button', { name: 'Places' }).click();
  await page.getByRole('button', { name: 'Red boat' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('shows the map, for the mouse and for the keyboard', async () => {
  const { page, complaints } = await view('demo/harbour', WIDE, '&locale=de');
  await settled(page);
  const areas = page.getByRole('button', { name: /^Area: / });
  await areas.first().waitFor();
  assert.deepEqual(await areas.evaluateAll((all) => all.map((area) => area.getAttribute('aria-label'))), [
    'Area: Steg',
    'Area: Boot',
    'Area: Dorf',
  ]);
  const { x, y, scale } = await place(page);
  const box = await page.locator('#stage').boundingBox();
  await page.mouse.move(box.x + x + 1800 * scale, box.y + y + 1750 * scale);
  assert.equal(await page.locator('#areas g.hover').getAttribute('aria-label'), 'Area: Boot');
  await page.mouse.down();
  await page.mouse.up();
  await page.locator('#card').getByText('Boot').waitFor();
  assert.equal(await page.locator('#card a').getAttribute('href'), `${address}/viewer/boat.html`);
  await settled(page);
  await shoot(page, 'wide-area');
  const box2 = await page.locator('#areas g[aria-label="Area: Boot"]').boundingBox();
  assert.ok(box2.x >= box.x && box2.x + box2.width <= box.x + box.width && box2.height > box.height / 2);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#card').isVisible(), false);
  await page.keyboard.press('0');
  await areas.first().focus();
  await page.keyboard.press('Enter');
  await page.locator('#card').getByText('Steg').waitFor();
  await page.keyboard.press('m');
  assert.equal(await page.locator('#areas').isVisible(), false);
  await page.keyboard.press('m');
  assert.equal(await page.locator('#areas').isVisible(), true);
  assert.deepEqual(complaints, []);
});

test('a drag that begins on an area moves the picture', async () => {
  const { page } = await view('demo/harbour');
  await settled(page);
  await page.keyboard.press('1');
  await settled(page);
  const before = await place(page);
  await page.mouse.move(600, 450);
  await page.mouse.down();
  await page.mouse.move(500, 420, { steps: 5 });
  await page.mouse.up();
  await settled(page);
  const now = await place(page);
  assert.deepEqual([Math.round(now.x - before.x), Math.round(now.y - before.y)], [-100, -30]);
  assert.equal(await page.locator('#card').isVisible(), false);
});

test('follows the keyboard', async () => {
  const { page, complaints } = await view('demo/harbour');
  await settled(page);
  const home = await place(page);
  await page.keyboard.press('+');
  await settled(page);
  const near = await place(page);
  assert.ok(near.scale > home.scale * 1.5);
  for (const [key, axis, sign] of [['ArrowRight', 'x', -1], ['ArrowLeft', 'x', 1], ['ArrowDown', 'y', -1], ['ArrowUp', 'y', 1]]) {
    const before = await place(page);
    await page.keyboard.press(key);
    await settled(page);
    assert.ok(sign * ((await place(page))[axis] - before[axis]) > 20, key);
  }
  await page.keyboard.press('-');
  await page.keyboard.press('0');
  await settled(page);
  assert.deepEqual(await place(page), home);
  await page.keyboard.press('1');
  await settled(page);
  assert.equal(await percent(page), 100);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await shoot(page, 'wide-help');
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement);
  await page.keyboard.press('f');
  await page.waitForFunction(() => !document.fullscreenElement);
  // Every control has a name, and the first stop of the keyboard is visible.
  const unnamed = await page.locator('button:visible').evaluateAll((all) => all.filter((one) => !one.title && !one.textContent.trim()).length);
  assert.equal(unnamed, 0);
  assert.deepEqual(complaints, []);
});

test('follows fingers on a narrow screen', async () => {
  const { page, context, complaints } = await view('demo/harbour', PHONE);
  await settled(page);
  await page.getByRole('button', { name: 'Red boat' }).waitFor();
  await settled(page);
  await shoot(page, 'phone');
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= 360 && document.documentElement.scrollHeight <= innerHeight);
  assert.ok(await fits(), 'nothing to scroll');
  const outside = await page.locator('button:visible').evaluateAll((all) =>
    all.filter((one) => one.getBoundingClientRect().right > 360 || one.getBoundingClientRect().height < 32).length,
  );
  assert.equal(outside, 0, 'all buttons on the screen, and large enough');

  const touch = await context.newCDPSession(page);
  const send = (type, ...points) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const before = await place(page);
  await send('touchStart', [170, 320], [190, 320]);
  for (let apart = 20; apart <= 160; apart += 10) await send('touchMove', [180 - apart / 2, 320], [180 + apart / 2, 320]);
  await send('touchEnd');
  await settled(page);
  const pinched = await place(page);
  assert.ok(pinched.scale > before.scale * 3, `${before.scale} → ${pinched.scale}`);
  await shoot(page, 'phone-pinched');

  await send('touchStart', [180, 320]);
  for (let x = 180; x >= 100; x -= 10) await send('touchMove', [x, 320]);
  await send('touchEnd');
  await settled(page);
  assert.ok((await place(page)).x < pinched.x - 40, 'one finger moves it');

  await page.getByRole('button', { name: 'The whole picture' }).tap();
  await settled(page);
  await page.touchscreen.tap(180, 320);
  await page.touchscreen.tap(180, 320);
  await settled(page);
  assert.ok((await place(page)).scale > before.scale * 1.5, 'a double tap zooms');
  assert.ok(await fits());

  await page.getByRole('button', { name: 'Keys and gestures' }).tap();
  await page.getByRole('dialog').waitFor();
  await shoot(page, 'phone-help');
  assert.ok(await fits());
  assert.deepEqual(complaints, []);
});

test('fits the picture anew when the screen turns', async () => {
  const { page } = await view('demo/harbour', PHONE);
  await settled(page);
  await page.setViewportSize({ width: 740, height: 360 });
  await page.waitForTimeout(300);
  await settled(page);
  await shoot(page, 'phone-turned');
  const { x, y, scale } = await place(page);
  const box = await page.locator('#stage').boundingBox();
  const [width, height] = [4800 * scale, 2700 * scale];
  assert.ok(x >= -1 && y >= -1 && x + width <= box.width + 1 && y + height <= box.height + 1, 'all of it is seen');
  assert.ok(box.width - width < 2 || box.height - height < 2, 'and as large as it can be');
});

test('shows pictures of every kind', async () => {
  for (const object of ['demo/ring', 'demo/window', 'demo/poster', 'demo/pebbles', 'demo/tilted', 'demo/chart', 'shop/sun', 'demo/signal']) {
    const { page, complaints } = await view(object, { ...WIDE, colorScheme: 'dark' });
    await settled(page);
    await shoot(page, object.replace('/', '-'));
    assert.equal(await page.locator('#panel').isVisible(), false, object);
    const isSeeThrough = await page.locator('#stage.see-through').count();
    assert.equal(isSeeThrough > 0, ['demo/ring', 'demo/window', 'demo/tilted'].includes(object), object);
    assert.deepEqual(complaints, []);
  }
});

test('says in words what is wrong', async () => {
  for (const [object, words] of [
    ['demo/nowhere', 'demo/nowhere: image not found'],
    ['', 'The address of this page says which to show'],
    ['demo/harbour%3Fwid=1', 'image not found'],
  ]) {
    const { page, complaints } = await view(object);
    const panel = page.getByRole('alert');
    await panel.getByText(words).waitFor();
    assert.equal(await panel.getByRole('link', { name: 'All objects' }).getAttribute('href'), '/');
    assert.equal(await page.locator('#tools').isVisible(), false);
    await shoot(page, `error-${object.replaceAll(/\W/g, '-')}`);
    assert.deepEqual(complaints, []);
  }
});

test('says what to run when OpenSeadragon is missing', async () => {
  const { page, complaints } = await open(started, WIDE);
  await page.route('**/openseadragon.js', (route) => route.fulfill({ status: 404, body: 'is not installed' }));
  await page.goto(`${address}/viewer/?object=demo/harbour`);
  await page.getByRole('alert').getByText('npm ci').waitFor();
  await shoot(page, 'missing');
  assert.deepEqual(complaints.filter((text) => !/MIME type/.test(text)), []);
});

test('serves a fixed list of files and nothing else', async () => {
  for (const name of ['package.json', '.npmrc', 'node_modules/openseadragon/package.json', '..%2f..%2fCargo.toml', '../../Cargo.toml']) {
    assert.equal((await fetch(`${address}/viewer/${name}`)).status, 404, name);
  }
  const entry = await fetch(`${address}/viewer?object=demo/ring`, { redirect: 'manual' });
  assert.equal(entry.headers.get('location'), '/viewer/?object=demo/ring');
});
