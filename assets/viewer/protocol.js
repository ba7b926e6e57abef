// Requests of the protocol, and what their replies say. Nothing here knows of a page.

/** What the server answered instead of what was asked for. */
export class Refusal extends Error {
  constructor(status, words) {
    super(words || `status ${status}`);
    this.status = status;
  }

  /** Whether it may be another answer in a moment: the server is busy, or the source changes right now. */
  get passing() {
    return this.status >= 500 || this.status === 429;
  }
}

/** One object of the server's, and the requests about it. */
export class Subject {
  constructor(object, locale = '') {
    this.object = object;
    this.path = `/is/image/${object.split('/').map(encodeURIComponent).join('/')}`;
    this.locale = locale;
  }

  url(...commands) {
    if (this.locale) commands.push(`locale=${encodeURIComponent(this.locale)}`);
    return `${this.path}?${commands.join('&')}`;
  }

  /** `scl=1`: of the picture at its full size, whatever a record says about the size of replies. */
  properties() {
    return this.url('req=props,json', 'scl=1');
  }

  sourceProperties() {
    return this.url('req=imageprops,json');
  }

  /** Replies in text: in JSON `id` would be the name of the request, and the server would not vouch for the version. */
  map(version) {
    return this.url('req=map', 'scl=1', `id=${version}`);
  }

  targets(version) {
    return this.url('req=targets', `id=${version}`);
  }

  /**
   * A tile of the view at a part of its size. The view itself stays the one at full size: a record that fixes its width
   * would cut a smaller one differently, and levels would show different parts of the picture.
   */
  tile({ x, y, width, height, scale, format, version }) {
    const part = scale === 1 ? '' : `,${scale}`;
    return this.url('scl=1', `rect=${x},${y},${width},${height}${part}`, format, `id=${version}`);
  }
}

/** Fetches what must be answered with 200, and tells its body's text. */
export async function ask(url, options) {
  const response = await fetch(url, options);
  const body = await response.text();
  if (!response.ok) throw new Refusal(response.status, wordsOf(body));
  return { response, body };
}

/** Arguments of the one call that a JSON reply is: an object, and the request's id. */
export function argumentsOf(body) {
  return JSON.parse(`[${body.slice(body.indexOf('(') + 1, body.lastIndexOf(')'))}]`);
}

/** What an error says, in whichever form it comes. */
export function wordsOf(body) {
  let title = body.trim();
  let detail = '';
  if (title.startsWith('/*jsonp*/')) {
    const [properties] = argumentsOf(title);
    ({ 'error.title': title = '', 'error.message': detail = '' } = properties);
  }
  return [title, detail].filter(Boolean).join(': ').slice(0, 300);
}

/** `req=props` at full size. */
export function pictureOf(body) {
  const [properties] = argumentsOf(body);
  const picture = {
    width: Number(properties['image.width']),
    height: Number(properties['image.height']),
    version: properties['image.version'],
    metadata: properties['metadata.version'],
  };
  if (!(picture.width > 0 && picture.height > 0 && picture.version)) {
    throw new Refusal(200, 'the reply to req=props says no size or version');
  }
  return picture;
}

/** Zoom targets: rectangles of the picture with a label, in the order of their numbers. */
export function targetsOf(body) {
  const targets = new Map();
  for (const line of body.split(/\r?\n/)) {
    const found = /^\s*target\.(\d+)\.(\w+)\s*=\s*(.*?)\s*$/i.exec(line);
    if (!found) continue;
    const [, number, property, value] = found;
    targets.set(number, { ...targets.get(number), [property.toLowerCase()]: value });
  }
  return [...targets]
    .sort(([a], [b]) => a - b)
    .map(([number, { rect = '', label = '' }]) => {
      const [x, y, width, height] = rect.split(',').map(Number);
      return { x, y, width, height, label: label || `Target ${number}` };
    })
    .filter(({ x, y, width, height }) => x >= 0 && y >= 0 && width > 0 && height > 0);
}

/** Areas of an image map. `parse` makes a document of HTML, without running or loading anything. */
export function areasOf(body, parse) {
  if (!body.trim()) return [];
  return [...parse(`<map>${body}</map>`).querySelectorAll('area')].flatMap((area) => {
    const numbers = (area.getAttribute('coords') || '').split(/[\s,]+/).filter(Boolean).map(Number);
    const points = outline((area.getAttribute('shape') || 'rect').toLowerCase(), numbers);
    if (!points) return [];
    const href = area.getAttribute('href') || '';
    const label = area.getAttribute('alt') || area.getAttribute('title') || href || 'Area';
    return [{ points, href, label }];
  });
}

const CORNERS_OF_A_CIRCLE = 48;

function outline(shape, numbers) {
  if (numbers.some(Number.isNaN)) return null;
  if (shape.startsWith('poly')) {
    const points = [];
    for (let i = 0; i + 1 < numbers.length; i += 2) points.push([numbers[i], numbers[i + 1]]);
    return points.length > 2 ? points : null;
  }
  if (shape.startsWith('circ')) {
    const [x, y, radius] = numbers;
    if (!(radius > 0)) return null;
    return Array.from({ length: CORNERS_OF_A_CIRCLE }, (_, i) => {
      const angle = (2 * Math.PI * i) / CORNERS_OF_A_CIRCLE;
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    });
  }
  const [left, top, right, bottom] = numbers;
  return numbers.length === 4 ? [[left, top], [right, top], [right, bottom], [left, bottom]] : null;
}

/** Whether a point lies inside an outline, by the even-odd rule. */
export function contains(points, x, y) {
  let inside = false;
  points.forEach(([x1, y1], i) => {
    const [x2, y2] = points[(i || points.length) - 1];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

/** The rectangle around an outline. */
export function boundsOf(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
