// A picture is replaced while somebody looks at it: the viewer moves on by itself and never shows two versions.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { browser, folder, open, place, png, publish, serve, settled, shoot, stagePixels, tileOf } from './support.mjs';

const [WIDTH, HEIGHT, BLOCK] = [6000, 4000, 40];
const VIEW = { viewport: { width: 1000, height: 700 }, reducedMotion: 'reduce' };

/** Blocks that tell where they are, in a colour that tells the version. */
const COLOURS = {
  red: (across, down) => [220, (across * 7) % 90, (down * 11) % 90],
  blue: (across, down) => [(across * 7) % 90, (down * 11) % 90, 220],
};

function drawn(colour, width = WIDTH, height = HEIGHT) {
  const rows = new Map();
  return png(width, height, (y) => {
    const down = Math.floor(y / BLOCK);
    if (!rows.has(down)) {
      const row = Buffer.alloc(width * 3);
      for (let x = 0; x < width; x += 1) row.set(COLOURS[colour](Math.floor(x / BLOCK), down), x * 3);
      rows.set(down, row);
    }
    return rows.get(down);
  });
}

/** As JPEGs, which are quick to cut tiles from: made by the server itself. */
let pictures;
async function jpegs(t) {
  if (pictures) return pictures;
  const { root, address } = await catalog(t, '--cache-bytes', '0');
  const sizes = { red: ['red'], blue: ['blue'], tall: ['blue', 3000, 4400] };
  pictures = {};
  for (const [name, size] of Object.entries(sizes)) {
    writeFileSync(path.join(root, `${name}.png`), drawn(...size));
    const reply = await fetch(`${address}/is/image/${name}.png?scl=1&qlt=96,1`);
    assert.equal(reply.status, 200);
    pictures[name] = Buffer.from(await reply.arrayBuffer());
  }
  return pictures;
}

/** A catalog with nothing in it, and a server for it. */
async function catalog(t, ...options) {
  const root = folder(t);
  mkdirSync(path.join(root, 'pictures'));
  const settings = ['RootPath=pictures', 'DefaultExt=.jpg', 'MaxPix=0,0', 'Expiration=10', 'NonImgExpiration=.1'];
  writeFileSync(path.join(root, 'default.ini'), settings.join('\n'));
  const address = await serve(t, '--catalogs', root, ...options);
  return { root: path.join(root, 'pictures'), address, file: path.join(root, 'pictures', 'picture.jpg') };
}

/** The viewer on a picture that is red so far, with every frame that it draws looked at from now on. */
async function watched(t, policy, query, options = VIEW) {
  const images = await jpegs(t);
  const { address, file } = await catalog(t, '--id-policy', policy);
  publish(file, images.red);
  const { page, complaints } = await open(await browser(t), options);
  const tiles = [];
  page.on('request', (request) => {
    const tile = tileOf(request.url());
    if (tile) tiles.push(tile);
  });
  await page.goto(`${address}/viewer/?object=picture${query}`);
  await settled(page);
  await page.evaluate(lookAtFrames);
  return { page, address, file, tiles, complaints, images };
}

/** Runs in the page: counts, for every frame, pixels of each version and of neither. */
function lookAtFrames() {
  window.marker = 'not loaded anew';
  window.drawn = [];
  const [width, height] = [100, 70];
  const small = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  small.imageSmoothingEnabled = false;
  const look = () => {
    small.clearRect(0, 0, width, height);
    small.drawImage(document.querySelector('#stage canvas'), 0, 0, width, height);
    const { data } = small.getImageData(0, 0, width, height);
    const seen = { red: 0, blue: 0, none: 0 };
    for (let at = 0; at < data.length; at += 4) {
      const [r, , b, a] = data.subarray(at, at + 4);
      if (a < 255) seen.none += 1;
      else if (r > b + 60) seen.red += 1;
      else if (b > r + 60) seen.blue += 1;
      else seen.none += 1;
    }
    window.drawn.push(seen);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function framesOf(page) {
  await page.waitForFunction(() => window.drawn.length > 60);
  return page.evaluate(() => window.drawn);
}

function assertOneVersionEach(frames) {
  const mixed = frames.filter(({ red, blue }) => red && blue);
  assert.deepEqual(mixed, []);
  assert.deepEqual(frames.filter(({ red, blue }) => !red && !blue), [], 'the page was blank');
  // Once blue, always blue.
  const colours = frames.map(({ red }) => (red ? 'r' : 'b')).join('');
  assert.match(colours, /^r*b*$/);
}

async function turnedBlue(page) {
  await page.waitForFunction(() => window.drawn.at(-1).blue > 0, null, { timeout: 30_000 });
}

/** Which version the server has now. */
async function versionAt(address) {
  const body = await (await fetch(`${address}/is/image/picture?req=props`)).text();
  return /^image\.version=(\w+)/m.exec(body)[1];
}

/** The middle of a block on the screen, at full size, and what it is in the source. */
async function assertBlocks(page, colour) {
  const { x, y, scale } = await place(page);
  assert.ok(Math.abs(scale - 1) < 1e-6, `${scale} pixels of the screen for one`);
  for (const [left, top] of [[60, 70], [500, 300], [930, 520], [512, 60], [222, 444]]) {
    const middle = (at) => Math.floor(at / BLOCK) * BLOCK + BLOCK / 2;
    const [sx, sy] = [middle(left - x), middle(top - y)];
    const expected = COLOURS[colour](Math.floor(sx / BLOCK), Math.floor(sy / BLOCK));
    const found = await stagePixels(page, Math.round(sx + x), Math.round(sy + y), 1, 1);
    const off = Math.max(...expected.map((value, i) => Math.abs(value - found[i])));
    assert.ok(off <= 8, `source ${sx},${sy}: ${found} instead of ${expected}`);
  }
}

/** Compares the part of the screen that a tile covers with the tile as it comes from the server. */
function assertTileIsDrawnAsItIs(page, tile) {
  return page.evaluate(
    async ({ url, x, y, width, height }) => {
      const canvas = document.querySelector('#stage canvas');
      const numbers = document.querySelector('#areas g').getAttribute('transform').match(/-?[\d.]+/g).map(Number);
      const [left, top] = [Math.round(numbers[0] + x), Math.round(numbers[1] + y)];
      const bitmap = await createImageBitmap(await (await fetch(url)).blob());
      const [l, t] = [Math.max(left, 0), Math.max(top, 0)];
      const [w, h] = [Math.min(left + width, canvas.width) - l, Math.min(top + height, canvas.height) - t];
      if (w < 8 || h < 8) return 'not seen';
      const pixels = (image, x, y) => {
        const copy = new OffscreenCanvas(w, h).getContext('2d', { willReadFrequently: true });
        copy.drawImage(image, -x, -y);
        return copy.getImageData(0, 0, w, h).data;
      };
      const [a, b] = [pixels(canvas, l, t), pixels(bitmap, l - left, t - top)];
      return a.every((value, i) => value === b[i]) ? 'equal' : 'different';
    },
    tile,
  );
}

test('at full size a pixel of the screen is one of the picture', async (t) => {
  const { page, address, tiles, complaints } = await watched(t, 'verify', '');
  const version = await versionAt(address);
  assert.ok(tiles.length > 0 && tiles.every(({ scale }) => scale < 1), 'the whole picture needs no tile at full size');
  tiles.length = 0;
  await page.keyboard.press('1');
  await settled(page);
  const full = tiles.filter(({ scale }) => scale === 1);
  assert.ok(full.length >= 4, `${full.length} tiles`);
  for (const tile of tiles) {
    assert.equal(tile.id, version);
    assert.match(tile.url, /[?&]scl=1&/);
    const [width, height] = [Math.round(WIDTH * tile.scale), Math.round(HEIGHT * tile.scale)];
    assert.deepEqual([tile.x % 512, tile.y % 512], [0, 0], tile.url);
    const expected = [Math.min(512, width - tile.x), Math.min(512, height - tile.y)];
    assert.deepEqual([tile.width, tile.height], expected, tile.url);
  }
  await assertBlocks(page, 'red');
  const compared = [];
  for (const tile of full) compared.push(await assertTileIsDrawnAsItIs(page, tile));
  assert.ok(compared.includes('equal') && !compared.includes('different'), compared.join());
  // To the far corner: tiles that end with the picture.
  for (let i = 0; i < 9; i += 1) {
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
  }
  await settled(page);
  const last = tiles.find(({ scale, x, y }) => scale === 1 && x === 5632 && y === 3584);
  assert.deepEqual([last?.width, last?.height], [WIDTH - 5632, HEIGHT - 3584]);
  assert.equal(await assertTileIsDrawnAsItIs(page, last), 'equal');
  await assertBlocks(page, 'red');
  assert.deepEqual(complaints, []);
});

for (const policy of ['verify', 'ignore']) {
  test(`a new version while zoomed in (${policy})`, async (t) => {
    const { page, address, file, tiles, complaints, images } = await watched(t, policy, '&poll=300');
    await page.keyboard.press('1');
    await settled(page);
    const before = await place(page);
    const old = await versionAt(address);
    publish(file, images.blue);
    await turnedBlue(page);
    const now = await versionAt(address);
    assert.notEqual(now, old);
    await page.getByText('This is the new version.').waitFor();
    await shoot(page, `new-version-${policy}`);
    await settled(page);
    assert.deepEqual(await place(page), before, 'the view stays');
    await assertBlocks(page, 'blue');
    tiles.length = 0;
    await page.keyboard.press('Shift+ArrowRight');
    await settled(page);
    assert.ok(tiles.length > 0);
    for (const tile of tiles) assert.equal(tile.id, now);
    await assertBlocks(page, 'blue');
    assertOneVersionEach(await framesOf(page));
    assert.equal(await page.evaluate(() => window.marker), 'not loaded anew');
    assert.deepEqual(complaints, []);
  });

  // The page does not ask by itself for ten minutes: a tile that it may not show is what tells it.
  test(`a new version that a tile reveals (${policy})`, async (t) => {
    const { page, address, file, tiles, complaints, images } = await watched(t, policy, '&poll=600000');
    await page.waitForLoadState('networkidle');
    const old = await versionAt(address);
    publish(file, images.blue);
    tiles.length = 0;
    const answers = [];
    page.on('response', (response) => tileOf(response.url()) && answers.push(response));
    await page.keyboard.press('1');
    await turnedBlue(page);
    await settled(page);
    const underOldName = answers.filter((response) => tileOf(response.url()).id === old);
    assert.ok(underOldName.length > 0, 'tiles of the new version came under the name of the old one');
    for (const response of underOldName) {
      const lifetime = response.headers()['cache-control'];
      // The file was written a moment ago: until it has settled, caches keep what is made of it for 10 s.
      const lifetimes = policy === 'verify' ? ['no-store'] : ['public, max-age=10', 'public, max-age=36000'];
      assert.ok(lifetimes.includes(lifetime), lifetime);
    }
    await assertBlocks(page, 'blue');
    assertOneVersionEach(await framesOf(page));
    assert.deepEqual(complaints, []);
  });

  test(`a new version while panning (${policy})`, async (t) => {
    const moving = { ...VIEW, reducedMotion: 'no-preference' };
    const { page, address, file, tiles, complaints, images } = await watched(t, policy, '&poll=300', moving);
    await page.keyboard.press('1');
    await settled(page);
    const [x, y] = [500, 300];
    let isPanning = true;
    const panning = (async () => {
      for (let turn = 0; isPanning; turn += 1) {
        await page.mouse.move(x, y);
        await page.mouse.down();
        const to = turn % 2 ? 350 : -350;
        await page.mouse.move(x + to, y + to / 3, { steps: 12 });
        await page.mouse.up();
        await page.keyboard.press(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'][turn % 4]);
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 400));
    publish(file, images.blue);
    const shots = [];
    const started = Date.now();
    while (Date.now() - started < 2500) shots.push(await page.screenshot({ clip: { x: 0, y: 60, width: 1000, height: 500 } }));
    await turnedBlue(page);
    isPanning = false;
    await panning;
    await settled(page);
    const now = await versionAt(address);
    tiles.length = 0;
    await page.keyboard.press('Shift+ArrowDown');
    await settled(page);
    for (const tile of tiles) assert.equal(tile.id, now);
    assertOneVersionEach(await framesOf(page));
    for (const shot of shots) assert.ok((await coloursIn(page, shot)) < 2, 'a screenshot of two versions');
    assert.deepEqual(complaints, []);
  });
}

/** How many versions a screenshot shows. */
function coloursIn(page, shot) {
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] > 190 && data[at + 2] < 110) found.add('red');
      if (data[at + 2] > 190 && data[at] < 110) found.add('blue');
    }
    return found.size;
  }, shot.toString('base64'));
}

test('a new version of another shape keeps the view over the same part', async (t) => {
  const { page, file, complaints, images } = await watched(t, 'verify', '&poll=300');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await settled(page);
  const middle = async (width, height) => {
    const { x, y, scale } = await place(page);
    const box = await page.locator('#stage').boundingBox();
    return [(box.width / 2 - x) / scale / width, (box.height / 2 - y) / scale / height].map((value) => value.toFixed(3));
  };
  const before = await middle(WIDTH, HEIGHT);
  publish(file, images.tall);
  await turnedBlue(page);
  await settled(page);
  assert.deepEqual(await middle(3000, 4400), before);
  await page.keyboard.press('0');
  await settled(page);
  const { x, y, scale } = await place(page);
  const box = await page.locator('#stage').boundingBox();
  assert.ok(Math.abs(4400 * scale - box.height) < 1 && Math.abs(y) < 1 && Math.abs(2 * x + 3000 * scale - box.width) < 2);
  assertOneVersionEach(await framesOf(page));
  assert.deepEqual(complaints, []);
});

test('there and back again: an old version comes back', async (t) => {
  const { page, address, file, tiles, complaints, images } = await watched(t, 'ignore', '&poll=300');
  const old = await versionAt(address);
  publish(file, images.blue);
  await turnedBlue(page);
  publish(file, images.red);
  await page.waitForFunction(() => window.drawn.at(-1).red > 0);
  tiles.length = 0;
  await page.keyboard.press('1');
  await settled(page);
  assert.ok(tiles.length && tiles.every(({ id }) => id === old));
  await assertBlocks(page, 'red');
  assert.deepEqual((await framesOf(page)).filter(({ red, blue }) => red && blue), []);
  assert.deepEqual(complaints, []);
});

test('tiles that do not come keep nobody on an old version', async (t) => {
  const { page, address, file, complaints, images } = await watched(t, 'verify', '&poll=300');
  await page.keyboard.press('1');
  await settled(page);
  const old = await versionAt(address);
  let isBroken = true;
  await page.route(/rect=/, (route) => {
    const tile = tileOf(route.request().url());
    return isBroken && tile.scale === 1 && tile.id !== old ? route.fulfill({ status: 503, body: 'busy' }) : route.continue();
  });
  publish(file, images.blue);
  await turnedBlue(page);
  await page.getByText('Parts of the picture could not be loaded').waitFor();
  isBroken = false;
  await settled(page);
  await assertBlocks(page, 'blue');
  assertOneVersionEach(await framesOf(page));
  assert.deepEqual(complaints, []);
});

test('places change without the picture', async (t) => {
  const images = await jpegs(t);
  const { root } = await catalog(t);
  const record = (rect, label) => `Id\tPath\tTargets\nmarked\tpicture\tTarget.1.rect=${rect}??Target.1.label=${label}\n`;
  const records = path.join(root, '../t.txt');
  publish(path.join(root, 'picture.jpg'), images.red);
  const attributes = () => publish(path.join(root, '../t.ini'), 'RootId=t\nCatalogFile=t.txt\n');
  attributes();
  writeFileSync(records, record('0,0,900,600', 'Corner'));
  const address = await serve(t, '--catalogs', path.join(root, '..'), '--id-policy', 'verify');
  const { page, complaints } = await open(await browser(t), VIEW);
  await page.goto(`${address}/viewer/?object=t/marked&poll=300`);
  await page.getByRole('button', { name: 'Corner' }).waitFor();
  await settled(page);
  await page.evaluate(lookAtFrames);
  const tiles = [];
  page.on('request', (request) => tileOf(request.url()) && tiles.push(request.url()));
  publish(records, record('900,600,900,600', 'Middle'));
  // Of catalogs the server watches these.
  attributes();
  await page.getByRole('button', { name: 'Middle' }).waitFor({ timeout: 40_000 });
  assert.equal(await page.getByRole('button', { name: 'Corner' }).count(), 0);
  assert.deepEqual(tiles, [], 'the picture is the same');
  assertOneVersionEach(await framesOf(page));
  assert.deepEqual(complaints, []);
});

test('a server in trouble is told of and asked again', async (t) => {
  const { page, complaints } = await watched(t, 'verify', '&poll=300');
  let isDown = true;
  const told = page.getByText('The server does not answer.');
  await page.route(/\/is\/image\//, async (route) => {
    if (!isDown) return route.continue();
    if (!tileOf(route.request().url())) return route.abort();
    // Tiles fail once the page has noticed that the server is down: that stays on the screen.
    await told.waitFor();
    return route.fulfill({ status: 503, body: 'busy' });
  });
  const refused = page.waitForResponse((response) => response.status() === 503);
  await page.keyboard.press('1');
  await refused;
  await page.waitForTimeout(300);
  assert.ok(await told.isVisible());
  await shoot(page, 'trouble');
  isDown = false;
  await settled(page);
  await assertBlocks(page, 'red');
  await page.waitForFunction(() => document.querySelector('#status').textContent === '');
  assertOneVersionEach(await framesOf(page));
  assert.deepEqual(complaints, []);
});

test('a picture that goes away stays on the screen', async (t) => {
  const { page, address, file, complaints } = await watched(t, 'verify', '&poll=300');
  publish(file, Buffer.from('no picture'));
  await page.getByText('The server says:').waitFor();
  assertOneVersionEach(await framesOf(page));
  assert.equal((await fetch(`${address}/is/image/picture?req=props`)).status, 403);
  assert.deepEqual(complaints, []);
});
