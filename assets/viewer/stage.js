// Where editions are shown: one at a time, however many are being loaded.

const { Viewer, CanvasDrawer, Point, Rect } = globalThis.OpenSeadragon ?? { CanvasDrawer: Object };

/** How long a new edition is waited for that could be shown, but not yet as sharp as the view wants it. */
const PATIENCE = 8_000;

/** As large as OpenSeadragon lets a job take; editions have their own limit. */
const FOR_EVER = 2 ** 31 - 1;

/**
 * Draws tiles between whole pixels of the screen. The original makes every tile a pixel larger to hide seams, so that no
 * pixel of the screen is one of the picture; tiles of this server join, and need only meet.
 */
class ExactDrawer extends CanvasDrawer {
  getType() {
    return 'exact';
  }

  minimumOverlapRequired() {
    return false;
  }

  getDataToDraw(tile) {
    const density = globalThis.OpenSeadragon.pixelDensityRatio;
    const snapped = (place) => Math.round(place * density) / density;
    const { position, size } = tile;
    const [right, bottom] = [snapped(position.x + size.x), snapped(position.y + size.y)];
    tile.position = new Point(snapped(position.x), snapped(position.y));
    tile.size = new Point(right - tile.position.x, bottom - tile.position.y);
    return super.getDataToDraw(tile);
  }
}

/** Events: `loading` with whether tiles of the view are missing, `trouble` with why a tile is, `move`. */
export class Stage extends EventTarget {
  #coming = null;
  #isHome = true;

  constructor(element, { calm }) {
    super();
    // Tiles that fail are told of in the status line and asked for again.
    globalThis.OpenSeadragon.console = { ...console, error: console.debug };
    this.viewer = new Viewer({
      element,
      drawer: ExactDrawer,
      autoResize: false,
      showNavigationControl: false,
      keyboardNavEnabled: false,
      silenceMultiImageWarnings: true,
      imageLoaderLimit: 6,
      timeout: FOR_EVER,
      maxImageCacheCount: 300,
      smoothTileEdgesMinZoom: Infinity,
      blendTime: 0,
      animationTime: calm ? 0 : 0.6,
      springStiffness: 9,
      visibilityRatio: 1,
      constrainDuringPan: true,
      minZoomImageRatio: 1,
      maxZoomPixelRatio: 2,
      zoomPerScroll: 1.25,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, flickEnabled: !calm, pinchRotate: false },
      gestureSettingsPen: { clickToZoom: false, dblClickToZoom: true },
    });
    this.viewer.addHandler('update-viewport', () => {
      this.#isHome = this.viewport.getZoom() <= this.viewport.getHomeZoom() * 1.001;
      this.dispatchEvent(new Event('move'));
    });
    new ResizeObserver(([{ contentRect }]) => this.#resize(contentRect.width, contentRect.height)).observe(element);
    /** What is seen: an edition and its item in OpenSeadragon's world. */
    this.shown = null;
  }

  get viewport() {
    return this.viewer.viewport;
  }

  /**
   * Shows an edition: at once if it is the first, otherwise in place of the one before, in one frame, as soon as all of
   * the view is there. Resolves with false if another edition took its turn.
   */
  async show(edition) {
    this.#dismiss();
    const coming = { edition, item: null, missing: new Set() };
    this.#coming = coming;
    this.shown?.edition.retire();
    coming.item = await this.#add(coming);
    if (this.#coming !== coming) {
      this.viewer.world.removeItem(coming.item);
      return false;
    }
    if (!this.shown) {
      this.#settle(coming);
      this.viewport.goHome(true);
      return true;
    }
    await this.#complete(coming);
    if (this.#coming !== coming) return false;
    this.#swap(coming);
    return true;
  }

  /** An edition that is not wanted any more before it was shown. */
  #dismiss() {
    const { edition, item } = this.#coming ?? {};
    this.#coming = null;
    edition?.retire();
    if (item) this.viewer.world.removeItem(item);
  }

  #add(coming) {
    const { edition, missing } = coming;
    const failed = (tile, error, wait) => {
      missing.add(tile);
      this.dispatchEvent(new CustomEvent('trouble', { detail: error }));
      setTimeout(() => {
        missing.delete(tile);
        if (edition.retired) return;
        tile.exists = true;
        // Makes OpenSeadragon look again what the view needs.
        coming.item?.setClip(null);
        this.#tellLoading();
      }, wait);
    };
    return new Promise((resolve, reject) => {
      this.viewer.addTiledImage({
        tileSource: edition.source(failed),
        width: 1,
        y: this.#offset(edition),
        opacity: this.shown ? 0 : 1,
        preload: true,
        success: ({ item }) => {
          item.addHandler('fully-loaded-change', () => this.#tellLoading());
          resolve(item);
        },
        error: reject,
      });
    });
  }

  /**
   * How far below its place an edition of another shape waits, so that the view is over the same part of it as of the one
   * that is seen: the world is as wide as any picture, and as high as each.
   */
  #offset(edition) {
    if (!this.shown) return 0;
    const height = ({ width, height }) => height / width;
    const before = height(this.shown.edition);
    const centre = this.viewport.centerSpringY.current.value;
    return centre - (centre / before) * height(edition);
  }

  #complete({ item, missing, edition }) {
    const begun = performance.now();
    const isComplete = () => {
      if (missing.size === 0 && item.getFullyLoaded()) return true;
      // Neither who never stops panning nor a tile that never comes shall keep the old version for ever.
      return edition.isCovered && performance.now() - begun > PATIENCE;
    };
    return new Promise((resolve) => {
      const look = () => (edition.retired || isComplete() ? resolve() : setTimeout(look, 40));
      look();
    });
  }

  #swap(coming) {
    const { item } = coming;
    const { item: old, edition: before } = this.shown;
    const { y } = item.getBounds();
    const wasHome = this.#isHome;
    // All of it before the next frame is drawn.
    this.viewer.world.setAutoRefigureSizes(false);
    item.setOpacity(1);
    this.viewer.world.removeItem(old);
    if (y !== 0) {
      item.setPosition(new Point(0, 0), true);
      this.viewport.centerSpringY.shiftBy(-y);
    }
    this.viewer.world.setAutoRefigureSizes(true);
    this.#settle(coming);
    const isAlike = before.width * coming.edition.height === before.height * coming.edition.width;
    if (!isAlike && wasHome) this.viewport.goHome(true);
    this.viewport.applyConstraints(true);
    this.viewer.forceRedraw();
  }

  #settle(coming) {
    this.shown = coming;
    this.#coming = null;
    this.#tellLoading();
  }

  #tellLoading() {
    const isLoading = !this.shown || this.shown.missing.size > 0 || !this.shown.item.getFullyLoaded();
    this.dispatchEvent(new CustomEvent('loading', { detail: isLoading }));
  }

  /** Who sees the whole picture goes on to see it, as large as it can be; for others it keeps its size on the screen. */
  #resize(width, height) {
    const { viewport } = this;
    const [isHome, centre] = [this.#isHome, viewport.getCenter()];
    const zoom = (viewport.getZoom() * viewport.getContainerSize().x) / width;
    viewport.resize(new Point(width, height));
    if (isHome) {
      viewport.goHome(true);
    } else {
      viewport.zoomTo(zoom, null, true);
      viewport.panTo(centre, true);
      viewport.applyConstraints(true);
    }
    this.viewer.forceRedraw();
  }

  /** Pixels of the screen for a pixel of the picture. */
  get scale() {
    if (!this.shown) return 1;
    return this.shown.item.viewportToImageZoom(this.viewport.getZoom(true)) * devicePixelRatio;
  }

  /** One pixel of the picture to one of the screen. */
  full() {
    if (!this.shown) return;
    this.viewport.zoomTo(this.shown.item.imageToViewportZoom(1 / devicePixelRatio));
    this.viewport.applyConstraints();
  }

  zoom(factor) {
    this.viewport.zoomBy(factor);
    this.viewport.applyConstraints();
  }

  /** Moves by parts of what is seen. */
  pan(across, down) {
    const { width, height } = this.viewport.getBounds();
    this.viewport.panBy(new Point(across * width, down * height));
    this.viewport.applyConstraints();
  }

  home() {
    this.viewport.goHome();
  }

  /** Shows a part of the picture, with a little around it. */
  frame({ x, y, width, height }) {
    const around = 0.06;
    const rect = new Rect(x - width * around, y - height * around, width * (1 + 2 * around), height * (1 + 2 * around));
    this.viewport.fitBoundsWithConstraints(this.shown.item.imageToViewportRectangle(rect));
  }

  /** Shows a part of the picture if its middle is not to be seen. */
  reveal(part) {
    const middle = new Point(part.x + part.width / 2, part.y + part.height / 2);
    const isSeen = this.viewport.getBounds().containsPoint(this.shown.item.imageToViewportCoordinates(middle));
    if (!isSeen) this.frame(part);
  }

  /** Where the picture lies on the screen, in pixels of the page. */
  place() {
    const { item, edition } = this.shown;
    const at = (x, y) => item.imageToViewerElementCoordinates(new Point(x, y));
    const origin = at(0, 0);
    return { x: origin.x, y: origin.y, scale: (at(edition.width, 0).x - origin.x) / edition.width };
  }
}
