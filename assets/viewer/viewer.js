// The page: follows the version of one object and shows it, with what there is to press.

import { Areas, listTargets } from './marks.js';
import { Edition } from './edition.js';
import { Stage } from './stage.js';
import { Subject, boundsOf } from './protocol.js';
import { Watch } from './watch.js';

const POLL = 5_000;
const SHORTEST_POLL = 200;
const GOOD_NEWS = 4_000;

const page = Object.fromEntries([...document.querySelectorAll('[id]')].map((found) => [found.id, found]));
const parameters = new URLSearchParams(location.search);
const object = (parameters.get('object') ?? '').replace(/^\/+|\/+$/g, '');

page.name.textContent = object;
document.title = object ? `${object} – Platemark` : 'Platemark viewer';

if (!globalThis.OpenSeadragon) {
  tell('OpenSeadragon is missing', 'Run “npm ci” in assets/viewer, then load this page again.');
} else if (!object) {
  tell('No object', 'The address of this page says which to show: /viewer/?object=demo/harbour');
} else {
  run();
}

/** In place of a picture. */
function tell(title, text) {
  page['panel-title'].textContent = title;
  page['panel-text'].textContent = text;
  page.panel.hidden = false;
}

function run() {
  const subject = new Subject(object, parameters.get('locale') ?? '');
  const watch = new Watch(subject, Math.max(Number(parameters.get('poll')) || POLL, SHORTEST_POLL));
  const stage = new Stage(page.stage, { calm: matchMedia('(prefers-reduced-motion: reduce)').matches });
  const areas = new Areas(page.areas, stage, (area) => openCard(stage, area));
  const say = statusLine();
  const switches = marksSwitches(areas);

  /** What the server had when it was last asked: the version that is shown or on its way. */
  let wanted = null;
  let edition = null;

  watch.addEventListener('answer', ({ detail: picture }) => {
    say.better('watch');
    if (picture.version !== wanted?.version) {
      begin(picture);
    } else if (picture.metadata !== wanted.metadata) {
      wanted = edition.picture = picture;
      mark(edition);
    }
  });

  watch.addEventListener('trouble', ({ detail: error }) => {
    const isLost = !error.passing && error.status !== 0;
    if (stage.shown) {
      const why = isLost ? `The server says: ${error.message}.` : 'The server does not answer.';
      say.trouble('watch', `${why} This is what it had last; trying again …`);
    } else if (isLost) {
      tell('There is no such picture', error.message);
    } else {
      tell('The server does not answer', `${error.message}. Trying again …`);
    }
  });

  stage.addEventListener('trouble', ({ detail: error }) => {
    if (error.status !== undefined || error instanceof TypeError) {
      say.trouble('tiles', 'Parts of the picture could not be loaded; trying again …');
    }
  });
  stage.addEventListener('loading', ({ detail: isLoading }) => {
    loadingBar(isLoading);
    page.stage.setAttribute('aria-busy', isLoading);
    if (!isLoading) say.better('tiles');
  });
  stage.addEventListener('move', () => {
    page['full-size'].textContent = `${Math.max(1, Math.round(stage.scale * 100))} %`;
  });

  async function begin(picture) {
    const isFirst = !stage.shown;
    wanted = picture;
    // What is shown stays; nothing is added to it any more.
    stage.shown?.edition.retire();
    edition?.retire();
    const next = (edition = new Edition(subject, picture, watch));
    if (!isFirst) say.news('There is a new version. Loading it …');
    try {
      await next.open();
      const marks = loadMarks(next);
      if (!(await stage.show(next))) return;
      page.panel.hidden = true;
      page.tools.hidden = false;
      page.stage.classList.toggle('see-through', next.format.startsWith('fmt=png'));
      describe(picture);
      if (!isFirst) say.news('This is the new version.', GOOD_NEWS);
      if (marksShown !== picture.metadata) switches.set({ areas: [], targets: [] });
      await mark(next, marks);
    } catch (error) {
      if (!next.retired) throw error;
    }
  }

  let marksShown = null;

  async function mark(of, marks = loadMarks(of)) {
    const { metadata } = of.picture;
    const found = await marks;
    if (!found || of.retired || of.picture.metadata !== metadata) return;
    marksShown = metadata;
    switches.set(found, (target) => stage.frame(target));
  }

  /** Map and targets, however long it takes; null once nobody wants them any more. */
  async function loadMarks(of) {
    const parse = (html) => new DOMParser().parseFromString(html, 'text/html');
    const { metadata } = of.picture;
    for (let wait = 500; !of.retired && of.picture.metadata === metadata; wait = Math.min(2 * wait, 10_000)) {
      try {
        return await of.marks(parse);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return null;
  }

  function describe({ width, height }) {
    const canvas = stage.viewer.canvas;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', `${object}, ${width} by ${height} pixels. Arrow keys move, plus and minus zoom.`);
    page.name.title = `${object}: ${width} × ${height} pixels, version ${wanted.version}`;
  }

  controls(stage, switches);
  watch.start();
}

/** The line above the picture: trouble for as long as it lasts, and news. */
function statusLine() {
  const troubles = new Map();
  let news = '';
  let timer = 0;
  const show = () => {
    // A server that does not answer is the reason why tiles do not come, whichever was noticed first.
    const text = troubles.get('watch') ?? troubles.get('tiles') ?? news;
    if (page.status.textContent !== text) page.status.textContent = text;
  };
  return {
    news(text, duration) {
      clearTimeout(timer);
      news = text;
      if (duration) timer = setTimeout(() => this.news(''), duration);
      show();
    },
    trouble(what, text) {
      troubles.set(what, text);
      show();
    },
    better(what) {
      if (troubles.delete(what)) show();
    },
  };
}

/** A short wait needs no sign. */
let barTimer = 0;
function loadingBar(isLoading) {
  clearTimeout(barTimer);
  if (!isLoading) page.bar.hidden = true;
  else barTimer = setTimeout(() => (page.bar.hidden = false), 350);
}

/** Map and targets, each with its switch; a switch for nothing is not shown. */
function marksSwitches(areas) {
  const parts = {
    map: { button: page['map-switch'], name: 'areas', key: 'm', isOn: true, count: 0, apply: (isShown) => areas.show(isShown) },
    targets: {
      button: page['targets-switch'],
      name: 'places',
      key: 't',
      isOn: true,
      count: 0,
      apply: (isShown) => (page.targets.hidden = !isShown),
    },
  };
  const update = ({ button, name, key, isOn, count, apply }) => {
    button.hidden = count === 0;
    button.setAttribute('aria-pressed', isOn);
    button.title = `${isOn ? 'Hide' : 'Show'} ${count} ${name} (${key})`;
    apply(isOn && count > 0);
  };
  for (const part of Object.values(parts)) part.button.addEventListener('click', () => flip(part));
  const flip = (part) => {
    part.isOn = !part.isOn;
    update(part);
  };
  return {
    flip: (name) => parts[name].count > 0 && flip(parts[name]),
    set({ areas: found, targets }, chosen) {
      closeCard();
      areas.set(found);
      listTargets(page['target-list'], targets, chosen);
      parts.map.count = found.length;
      parts.targets.count = targets.length;
      Object.values(parts).forEach(update);
    },
  };
}

/** An area's name and where it leads. */
function openCard(stage, area) {
  if (!area) return closeCard();
  stage.frame(boundsOf(area.points));
  page['card-name'].textContent = area.label;
  const link = page['card-link'];
  const url = area.href && URL.parse(area.href, document.baseURI);
  // A catalog is not a script.
  link.hidden = !url || !/^https?:$/.test(url.protocol);
  if (!link.hidden) [link.href, link.textContent, link.title] = [url.href, area.href, `Open ${area.href} in a new tab`];
  page.card.hidden = false;
  (link.hidden ? page['card-close'] : link).focus({ focusVisible: document.activeElement?.matches(':focus-visible') });
}

function closeCard() {
  page.card.hidden = true;
}

function controls(stage, switches) {
  const fullScreen = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  };
  page['full-screen'].hidden = !document.fullscreenEnabled;
  const help = () => page.help.showModal();
  const zoomIn = () => stage.zoom(1.6);
  const zoomOut = () => stage.zoom(1 / 1.6);
  const home = () => stage.home();
  const full = () => stage.full();

  const pressed = {
    in: zoomIn,
    out: zoomOut,
    home,
    'full-size': full,
    'full-screen': fullScreen,
    'help-open': help,
    'card-close': closeCard,
  };
  for (const [id, action] of Object.entries(pressed)) page[id].addEventListener('click', action);

  const step = (event) => (event.shiftKey ? 0.9 : 0.2);
  const keys = {
    ArrowLeft: (event) => stage.pan(-step(event), 0),
    ArrowRight: (event) => stage.pan(step(event), 0),
    ArrowUp: (event) => stage.pan(0, -step(event)),
    ArrowDown: (event) => stage.pan(0, step(event)),
    '+': zoomIn,
    '=': zoomIn,
    '-': zoomOut,
    '−': zoomOut,
    0: home,
    Home: home,
    1: full,
    f: fullScreen,
    m: () => switches.flip('map'),
    t: () => switches.flip('targets'),
    '?': help,
    Escape: closeCard,
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || page.help.open || !stage.shown) return;
    const action = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
  page.help.addEventListener('click', (event) => event.target === page.help && page.help.close());
}
