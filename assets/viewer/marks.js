// What is marked on a picture: areas of its map, over the picture, and its targets, as buttons.

import { boundsOf, contains } from './protocol.js';

const SVG = 'http://www.w3.org/2000/svg';

function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * Areas are drawn over the picture and found by geometry: they take no pointer away from it, so that it can be dragged and
 * pinched everywhere. The keyboard reaches them as buttons.
 */
export class Areas {
  #group = element('g');
  #areas = [];

  /** `chosen` is told of an area, or of null for a click beside all of them. */
  constructor(svg, stage, chosen) {
    svg.append(this.#group);
    this.svg = svg;
    this.stage = stage;
    this.chosen = chosen;
    stage.addEventListener('move', () => this.#move());
    stage.viewer.addHandler('canvas-click', ({ quick, position }) => {
      if (quick) this.chosen(this.#at(position)?.area ?? null);
    });
    const canvas = stage.viewer.canvas;
    canvas.addEventListener('pointermove', (event) => event.pointerType === 'mouse' && this.#hover(event));
    canvas.addEventListener('pointerleave', () => this.#hover(null));
  }

  set(areas) {
    this.#areas = areas.map((area) => {
      const points = area.points.map((point) => point.join(',')).join(' ');
      const shape = element(
        'g',
        { tabindex: 0, role: 'button', 'aria-label': `Area: ${area.label}` },
        element('polygon', { points, class: 'halo' }),
        element('polygon', { points, class: 'line' }),
      );
      shape.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        this.chosen(area);
      });
      shape.addEventListener('focus', () => {
        if (shape.matches(':focus-visible')) this.stage.reveal(boundsOf(area.points));
      });
      return { area, shape };
    });
    this.#group.replaceChildren(...this.#areas.map(({ shape }) => shape));
    this.#move();
  }

  get count() {
    return this.#areas.length;
  }

  show(isShown) {
    this.svg.toggleAttribute('hidden', !isShown);
    if (!isShown) this.#hover(null);
  }

  #at({ x, y }) {
    if (this.svg.hasAttribute('hidden') || !this.stage.shown) return null;
    const place = this.stage.place();
    const [left, top] = [(x - place.x) / place.scale, (y - place.y) / place.scale];
    return this.#areas.find(({ area }) => contains(area.points, left, top)) ?? null;
  }

  #hover(event) {
    const box = this.svg.getBoundingClientRect();
    const found = event && this.#at({ x: event.clientX - box.left, y: event.clientY - box.top });
    for (const { shape } of this.#areas) shape.classList.toggle('hover', shape === found?.shape);
    const canvas = this.stage.viewer.canvas;
    canvas.style.cursor = found ? 'pointer' : '';
    canvas.title = found ? found.area.label : '';
  }

  #move() {
    if (!this.stage.shown) return;
    const { x, y, scale } = this.stage.place();
    this.#group.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
  }
}

/** Targets as buttons in a list. */
export function listTargets(list, targets, chosen) {
  list.replaceChildren(
    ...targets.map((target) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = target.label;
      button.title = `Zoom to: ${target.label}`;
      button.addEventListener('click', () => chosen(target));
      const entry = document.createElement('li');
      entry.append(button);
      return entry;
    }),
  );
}
