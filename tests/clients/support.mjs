// A server, a browser, and pictures to publish.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';

import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVE = process.env.PLATEMARK_SERVE ?? path.join(ROOT, 'target/release/examples/serve');
const CHROMIUM = process.env.PLATEMARK_CHROMIUM ?? '/usr/bin/chromium';

/** In place of a test, for what all tests of a file share. */
export function shared() {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

/** A folder that is gone after the test. */
export function folder(test) {
  const made = mkdtempSync(path.join(tmpdir(), 'platemark-'));
  test.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A running `serve`; resolves with its address. */
export async function serve(test, ...options) {
  const server = spawn(SERVE, ['--listen', '127.0.0.1:0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  test.after(() => server.kill('SIGKILL'));
  const lines = createInterface({ input: server.stdout });
  const [line] = await once(lines, 'line');
  const address = /^listening on (http:\S+)$/.exec(line)?.[1];
  assert.ok(address, line);
  return address;
}

export async function browser(test) {
  const started = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  test.after(() => started.close());
  return started;
}

/** A page, and what went wrong on it. Replies with errors are asserted where they are wanted. */
export async function open(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.stack));
  page.on('console', (message) => {
    const isReply = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isReply) complaints.push(message.text());
  });
  return { page, context, complaints };
}

/** Keeps a screenshot where PLATEMARK_SHOTS says. */
export async function shoot(page, name) {
  const shots = process.env.PLATEMARK_SHOTS;
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: path.join(shots, `${name}.png`) });
}

/** Waits until the viewer shows all of its view: a few frames to notice what was pressed, then every tile. */
export async function settled(page) {
  await page.evaluate(async () => {
    for (let i = 0; i < 4; i += 1) await new Promise(requestAnimationFrame);
  });
  await page.locator('#tools:visible').waitFor();
  await page.locator('#stage[aria-busy=false]').waitFor();
}

/** Where the picture lies on the stage: source pixel (0, 0), and pixels of the screen for one of the picture. */
export function place(page) {
  return page.evaluate(() => {
    const [x, y, scale] = document.querySelector('#areas g').getAttribute('transform').match(/-?[\d.]+(?:e-?\d+)?/g).map(Number);
    return { x, y, scale };
  });
}

/** Pixels of the stage as they are drawn now. */
export function stagePixels(page, x, y, width, height) {
  return page.evaluate(
    ([x, y, width, height]) => {
      // A copy, for the viewer's own canvas is not made to be read.
      const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      copy.drawImage(document.querySelector('#stage canvas'), -x, -y);
      return [...copy.getImageData(0, 0, width, height).data];
    },
    [x, y, width, height],
  );
}

/** Requests for tiles: version and rectangle. */
export function tileOf(url) {
  const query = new URL(url).search;
  const found = /[?&]rect=(\d+),(\d+),(\d+),(\d+)(?:,([\d.]+))?&/.exec(query);
  if (!found) return null;
  const [x, y, width, height, scale = 1] = found.slice(1).map((value) => (value === undefined ? undefined : Number(value)));
  return { x, y, width, height, scale, id: /[?&]id=(\w+)/.exec(query)?.[1], url };
}

/** An RGB picture as PNG. Rows are asked for by number, and may be the same buffer again. */
export function png(width, height, row) {
  const raw = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) row(y).copy(raw, y * (width * 3 + 1) + 1);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(checksum(body));
    return Buffer.concat([size, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function checksum(bytes) {
  let sum = -1;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ -1) >>> 0;
}

/** As a publishing system does it: nobody ever sees half a file. */
export function publish(file, bytes) {
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}

/** Size of an image by its header. */
export function sizeOf(bytes) {
  if (bytes.readUInt32BE(0) === 0x89504e47) return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  assert.equal(bytes.readUInt16BE(0), 0xffd8, 'neither PNG nor JPEG');
  let at = 2;
  while (at < bytes.length) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5), isProgressive: marker === 0xc2 };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return assert.fail('no frame');
}
