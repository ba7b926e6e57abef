// Which version the server has now: asked for every few seconds, and whenever a tile needs to know.

import { Refusal, ask, pictureOf } from './protocol.js';

const LONGEST_WAIT = 30_000;

/**
 * Tells with events of the type `answer` what the server says of the picture, and with `trouble` that it says nothing.
 * Whoever needs certainty calls `check`.
 */
export class Watch extends EventTarget {
  #url;
  #every;
  #running = null;
  #next = null;
  #timer = 0;
  #failures = 0;

  constructor(subject, every) {
    super();
    this.#url = subject.properties();
    this.#every = every;
    /** What the last answer said. */
    this.picture = null;
  }

  start() {
    document.addEventListener('visibilitychange', () => this.#schedule(0));
    addEventListener('online', () => this.#schedule(0));
    // From the cache of pages that the browser goes back to: everything is as it was, hours later.
    addEventListener('pageshow', (event) => event.persisted && this.#schedule(0));
    this.#schedule(0);
  }

  /**
   * What the server has, by an answer to a request that is *begun after this call*: one that is under way may have been
   * answered before what the caller has seen. All who call while one is under way share the one after it.
   */
  check() {
    this.#next ??= (async () => {
      await this.#running?.catch(() => {});
      this.#next = null;
      this.#running = this.#ask();
      return this.#running;
    })();
    return this.#next;
  }

  async #ask() {
    clearTimeout(this.#timer);
    try {
      // Every cache on the way asks the server, which answers 304 from a look at the file's status.
      const { body } = await ask(this.#url, { cache: 'no-cache' });
      this.picture = pictureOf(body);
      this.#failures = 0;
      this.dispatchEvent(new CustomEvent('answer', { detail: this.picture }));
      return this.picture;
    } catch (error) {
      this.#failures += 1;
      const detail = error instanceof Refusal ? error : new Refusal(0, 'the server cannot be reached');
      this.dispatchEvent(new CustomEvent('trouble', { detail }));
      throw detail;
    } finally {
      this.#schedule();
    }
  }

  #schedule(wait = this.#failures ? Math.min(500 * 2 ** this.#failures, LONGEST_WAIT) : this.#every) {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#timer = setTimeout(() => this.check().catch(() => {}), wait);
  }
}
