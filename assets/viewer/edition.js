// One version of a picture: its tiles, map and targets, and nothing of any other.

import { Refusal, areasOf, ask, argumentsOf, targetsOf } from './protocol.js';

const TILE = 512;
const LONGEST_WAIT = 8_000;
const PATIENCE = 45_000;

/** What was received belongs to another version, or may. */
class Doubt extends Error {}

/**
 * A URL with `id=` names a version, but a server may answer it with another: the protocol says that it ignores `id`. So
 * nothing is shown before it is known to be of this version:
 *
 * - `immutable` in Cache-Control: the server has compared `id` and vouches for it, now and for ever. Such a reply is right
 *   even if it comes from a cache that is days old.
 * - `no-store`: the server has compared it and has something else (or is in trouble). Refused.
 * - otherwise it is asked for past all caches, which may have kept another version under this URL, and held until an answer
 *   about the version that was asked for *after* it arrived says that the version is still this one. All that wait share
 *   one question.
 */
export class Edition {
  #watch;
  #abort = new AbortController();
  /** Whether the last reply was vouched for, so that caches may answer the next. */
  #vouching = true;

  constructor(subject, picture, watch) {
    this.subject = subject;
    this.picture = picture;
    this.#watch = watch;
    this.format = 'qlt=85,1';
    /** Whether the one tile of the smallest level is there, which can stand in for all others. */
    this.isCovered = false;
  }

  get width() {
    return this.picture.width;
  }

  get height() {
    return this.picture.height;
  }

  get retired() {
    return this.#abort.signal.aborted;
  }

  /** Nothing is loaded any more; what is shown may stay. */
  retire() {
    this.#abort.abort();
  }

  /** Finds out what tiles look like: with transparency they need another format. */
  async open() {
    try {
      const { body } = await ask(this.subject.sourceProperties(), { cache: 'no-cache', signal: this.#abort.signal });
      const [properties] = argumentsOf(body);
      if (Number(properties['image.mask'])) this.format = 'fmt=png-alpha';
    } catch (error) {
      // Tiles without transparency are better than none.
      if (this.retired) throw error;
    }
    return this;
  }

  /** Map and targets of the metadata's version. */
  async marks(parse) {
    const { metadata } = this.picture;
    const isCurrent = (picture) => picture.metadata === metadata;
    const read = (response) => response.text();
    // Where there is no record, servers vouch for no version of it.
    const isNothing = (text) => text.trim() === '';
    const [map, targets] = await Promise.all([
      this.#receive(this.subject.map(metadata), isCurrent, read, isNothing),
      this.#receive(this.subject.targets(metadata), isCurrent, read, isNothing),
    ]);
    return { areas: areasOf(map, parse), targets: targetsOf(targets) };
  }

  /** A picture that is drawn from the bytes of a tile. */
  async tile(url) {
    const isCurrent = (picture) => picture.version === this.picture.version;
    const read = async (response) => createImageBitmap(await response.blob());
    return this.#receive(url, isCurrent, read);
  }

  /** `isNothing` says what may be taken even if the server would have no cache keep it. */
  async #receive(url, isCurrent, read, isNothing = null) {
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(PATIENCE)]);
    let cache = this.#vouching ? 'default' : 'no-store';
    for (;;) {
      const response = await fetch(url, { cache, signal });
      if (!response.ok) {
        // Perhaps the picture is another now, or none.
        if (!new Refusal(response.status).passing) this.#watch.check().catch(() => {});
        throw new Refusal(response.status);
      }
      const lifetime = response.headers.get('cache-control') || '';
      if (/\bimmutable\b/i.test(lifetime)) {
        this.#vouching = true;
        return read(response);
      }
      if (/\bno-store\b/i.test(lifetime)) {
        const received = isNothing && (await read(response));
        if (!isNothing?.(received)) {
          this.#watch.check().catch(() => {});
          throw new Doubt('of another version');
        }
        return this.#held(received, isCurrent);
      }
      this.#vouching = false;
      if (cache === 'no-store') return this.#held(await read(response), isCurrent);
      cache = 'no-store';
      response.body?.cancel().catch(() => {});
    }
  }

  /** What has been received, once it is known to be of this edition. */
  async #held(received, isCurrent) {
    if (!isCurrent(await this.#watch.check()) || this.retired) throw new Doubt('of another version');
    return received;
  }

  /** The tiles as OpenSeadragon asks for them. `failed` is told of those that have to be asked for again, and when. */
  source(failed) {
    return new Tiles(this, failed);
  }
}

const { TileSource, Point, Rect } = globalThis.OpenSeadragon ?? { TileSource: Object };

/**
 * Levels by powers of two. A level is as large as the server makes it, rounded half up, so that no tile reaches over its
 * edge and none is drawn stretched.
 */
class Tiles extends TileSource {
  constructor(edition, failed) {
    const { width, height } = edition;
    super({ width, height, tileSize: TILE, minLevel: 0, maxLevel: Tiles.levels(Math.max(width, height)) });
    this.edition = edition;
    this.failed = failed;
    this.tries = new Map();
  }

  static levels(side) {
    return Math.max(0, Math.ceil(Math.log2(side / TILE)));
  }

  size(level) {
    const scale = this.getLevelScale(level);
    const of = (side) => Math.max(1, Math.floor(side * scale + 0.5));
    return { width: of(this.edition.width), height: of(this.edition.height), scale };
  }

  /** In pixels of the level. */
  rect(level, x, y) {
    const { width, height, scale } = this.size(level);
    const [left, top] = [x * TILE, y * TILE];
    return { x: left, y: top, width: Math.min(TILE, width - left), height: Math.min(TILE, height - top), scale };
  }

  getNumTiles(level) {
    const { width, height } = this.size(level);
    return new Point(Math.ceil(width / TILE), Math.ceil(height / TILE));
  }

  getTileAtPoint(level, point) {
    const { width, height } = this.size(level);
    const { x: across, y: down } = this.getNumTiles(level);
    const at = (place, count) => Math.min(Math.max(Math.floor(place / TILE), 0), count - 1);
    return new Point(at(point.x * width, across), at(point.y * this.aspectRatio * height, down));
  }

  getTileBounds(level, x, y, isSource) {
    const { width, height } = this.size(level);
    const tile = this.rect(level, x, y);
    if (isSource) return new Rect(0, 0, tile.width, tile.height);
    const down = 1 / (height * this.aspectRatio);
    return new Rect(tile.x / width, tile.y * down, tile.width / width, tile.height * down);
  }

  getTileUrl(level, x, y) {
    const { subject, picture, format } = this.edition;
    return subject.tile({ ...this.rect(level, x, y), format, version: picture.version });
  }

  hasTransparency() {
    return this.edition.format.startsWith('fmt=png');
  }

  async downloadTileStart(job) {
    try {
      const bitmap = await this.edition.tile(job.src);
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      this.tries.delete(job.src);
      this.edition.isCovered ||= job.tile.level === 0;
      job.finish(context, null, 'context2d');
    } catch (error) {
      if (!this.edition.retired) this.#again(job, error);
      job.fail(error.message, null);
    }
  }

  /** A tile gives its place in the queue to others while it waits. */
  #again(job, error) {
    const tries = (this.tries.get(job.src) || 0) + 1;
    this.tries.set(job.src, tries);
    const wait = Math.min(250 * 2 ** tries, LONGEST_WAIT) * (0.75 + Math.random() / 2);
    this.failed(job.tile, error, wait);
  }

  /** `retire` stops downloads, and each has its own limit of time. */
  downloadTileAbort() {}
}
