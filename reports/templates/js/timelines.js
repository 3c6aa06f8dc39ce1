// Timelines: each clip becomes one drawing with all its pipelines over one axis, which can be
// zoomed down to single frames. The strips of the page without scripts stay, for print.
(() => {
  'use strict';
  if (!vb.data || !vb.counts) return;
  const drawing = vb.timelineDrawing;
  const { read, countsAt, errorsAt, frameFacts, frameNear } = vb.timelineModel;
  const N_OPEN = 6;
  const MIN_PX_PER_FRAME = 24;
  const CLICK_PX = 5;
  const DOUBLE_CLICK_MS = 260;
  let theme = drawing.theme();

  const makeButton = (text, label, act) => {
    const button = vb.element('button', { type: 'button', class: 'quiet', 'aria-label': label,
      title: label }, text);
    button.addEventListener('click', act);
    return button;
  };

  class Timeline {
    constructor(holder) {
      this.holder = holder;
      this.number = Number(holder.dataset.clip);
      this.clip = vb.data.clips[this.number];
      this.nRows = Math.min(N_OPEN, vb.data.pipelines.length);
      this.view = { first: 0, span: this.clip.n_frames, nFrames: this.clip.n_frames };
      this.cursor = 0;
      this.row = 0;
      this.pointers = new Map();
      this.model = null;
      this.isNear = false;
      this.isAsked = false;
    }

    // Called when the clip comes near the window, and when it leaves.
    async near(isNear) {
      this.isNear = isNear;
      if (!isNear) {
        // The memory of a drawing is worth more than the milliseconds to draw it again.
        if (this.canvas) this.canvas.width = 0;
        return;
      }
      if (this.model) this.ask();
      else if (!this.loading) this.load();
    }

    async load() {
      this.loading = true;
      try {
        this.model = await read(this.number, this.nRows);
        if (!this.body) this.build();
        this.place();
      } catch (error) {
        this.holder.append(vb.element('p', { class: 'note' },
          `This timeline cannot be zoomed: ${error.message}`));
      }
      this.loading = false;
    }

    build() {
      this.readout = vb.element('p', { class: 'readout' });
      this.body = vb.element('div', { class: 'timeline-body' });
      this.titles = vb.element('div', { class: 'timeline-titles' });
      this.canvas = vb.element('canvas', { 'aria-hidden': 'true' });
      this.mark = vb.element('div', { class: 'timeline-cursor', 'aria-hidden': 'true' });
      this.mark.hidden = true;
      this.stage = vb.element('div', {
        class: 'timeline-stage', role: 'slider', tabindex: '0', 'aria-orientation': 'horizontal',
        'aria-label': `Timeline of ${this.clip.name}`, 'aria-describedby': 'timeline-keys',
        'aria-valuemin': '0', 'aria-valuemax': String(Math.max(0, this.clip.n_frames - 1)),
      }, this.canvas, this.mark);
      this.overview = vb.element('canvas', { class: 'timeline-overview', 'aria-hidden': 'true' });
      this.body.append(this.titles, this.stage);
      const frame = vb.element('div', { class: 'timeline' }, this.bar(), this.body, this.overview);
      this.holder.querySelector('.strips').before(frame);
      this.holder.classList.add('drawn');
      this.listen();
      this.tell();
      new ResizeObserver(() => this.ask()).observe(this.stage);
    }

    bar() {
      this.reset = makeButton(
        'Whole clip', 'Show the whole clip', () => this.show(0, this.clip.n_frames));
      this.reset.disabled = true;
      const buttons = vb.element('p', { class: 'timeline-buttons' },
        makeButton('‹ error', 'Previous frame with an error', () => this.toError(-1)),
        makeButton('error ›', 'Next frame with an error', () => this.toError(1)),
        makeButton('−', 'Zoom out', () => this.zoomAtCursor(2)),
        makeButton('+', 'Zoom in', () => this.zoomAtCursor(0.5)),
        this.reset);
      if (vb.openFrame) {
        buttons.append(makeButton('Open frame', 'Open the frame in the viewer', () => this.open()));
      }
      const hidden = vb.data.pipelines.length - this.nRows;
      if (hidden > 0) {
        const more = makeButton(`${hidden} more pipelines`, `Show ${hidden} more pipelines`, () => {
          more.remove();
          this.nRows = vb.data.pipelines.length;
          this.load();
        });
        buttons.append(more);
      }
      return vb.element('div', { class: 'timeline-bar' }, this.readout, buttons);
    }

    // Names beside and above the rows; text, so that it can be read, selected and enlarged.
    place() {
      const { layout, rows } = this.model;
      const lane = (text, top) => {
        const label = vb.element('span', { class: 'lane-name', 'aria-hidden': 'true' }, text);
        label.style.top = `${top}px`;
        return label;
      };
      this.atCursor = [];
      this.rowTitles = rows.map((row, k) => {
        const totals = `${vb.thousands(row.found.total)} found · ${vb.thousands(row.missed.total)}`
          + ` missed · ${vb.thousands(row.false.total)} false`;
        const now = vb.element('span', { class: 'at-cursor' });
        this.atCursor.push(now);
        const title = vb.element('p', { class: 'strip-title' },
          vb.name(vb.data.pipelines[k].name), ' ',
          vb.element('span', { class: 'muted' }, totals), now);
        title.style.top = `${layout.rows[k].top}px`;
        return title;
      });
      const names = layout.rows.flatMap((row, k) => [
        ...['found', 'missed', 'false'].map(
          (text, n) => lane(text, row.bands + n * drawing.BAND_STEP)),
        ...(row.alerts !== null ? [lane('alerts', row.alerts)] : []),
        ...(rows[k].late ? [lane('late', row.late - 3)] : []),
      ]);
      if (this.clip.events.length) names.unshift(lane('events', 0));
      this.titles.replaceChildren(...names, ...this.rowTitles);
      this.body.style.height = `${layout.height}px`;
      this.holder.style.containIntrinsicSize = `auto ${layout.height + 120}px`;
      if (this.mark.hidden) {
        const tallest = vb.plural(this.model.tallest, 'box', 'boxes');
        this.readout.textContent = `full height: ${tallest} in a frame`;
      }
      this.tell();
      this.ask();
    }

    // At most one drawing per picture of the screen, however many events ask for one.
    ask() {
      if (this.isAsked || !this.isNear || !this.model) return;
      this.isAsked = true;
      requestAnimationFrame(() => {
        this.isAsked = false;
        this.draw();
      });
    }

    draw() {
      if (!this.canvas.clientWidth) return;
      drawing.draw(this.canvas, this.model, this.view, theme);
      const isZoomed = this.view.span < this.clip.n_frames;
      this.reset.disabled = !isZoomed;
      this.holder.classList.toggle('zoomed', isZoomed);
      if (isZoomed) drawing.drawOverview(this.overview, this.wholeClip(), this.view, theme);
      this.drawCursor();
    }

    // Drawn anew only where its size, its rows or the theme changed.
    wholeClip() {
      const { clientWidth: width, clientHeight: height } = this.overview;
      const ratio = window.devicePixelRatio || 1;
      const key = [width, ratio, this.model.rows.length, theme.sunken].join();
      if (this.pictureKey !== key) {
        this.picture = drawing.overviewPicture(this.model, width, height, ratio, theme);
        this.pictureKey = key;
      }
      return this.picture;
    }

    drawCursor() {
      const perFrame = this.canvas.clientWidth / this.view.span;
      const x = (this.cursor - this.view.first) * perFrame;
      this.mark.style.width = `${Math.max(1, perFrame)}px`;
      this.mark.style.transform = `translateX(${x}px)`;
      this.mark.style.visibility = x < -perFrame || x > this.canvas.clientWidth ? 'hidden' : '';
    }

    // Frames [first, first + span) fill the width; both are brought into the clip.
    show(first, span) {
      const { nFrames } = this.view;
      const least = Math.min(nFrames, Math.max(8, this.canvas.clientWidth / MIN_PX_PER_FRAME));
      this.view.span = Math.min(nFrames, Math.max(least, span));
      this.view.first = Math.max(0, Math.min(nFrames - this.view.span, first));
      this.ask();
    }

    // From `first` on by some pixels.
    pan(first, pixels) {
      this.show(first + pixels * this.view.span / this.canvas.clientWidth, this.view.span);
    }

    zoom(factor, x) {
      const share = x / this.canvas.clientWidth;
      const { first, span } = this.view;
      const frame = first + share * span;
      this.show(frame - share * span * factor, span * factor);
      if (this.view.span !== span) this.show(frame - share * this.view.span, this.view.span);
      return this.view.span !== span;
    }

    zoomAtCursor(factor) {
      const { first, span } = this.view;
      const isSeen = this.cursor >= first && this.cursor < first + span && !this.mark.hidden;
      const share = isSeen ? (this.cursor + 0.5 - first) / span : 0.5;
      this.zoom(factor, share * this.canvas.clientWidth);
    }

    // The cursor, and with it everything that is said about a frame.
    moveTo(frame, row = this.row) {
      this.cursor = Math.max(0, Math.min(this.clip.n_frames - 1, frame));
      this.row = Math.max(0, Math.min(this.model.rows.length - 1, row));
      this.mark.hidden = false;
      this.tell();
      this.drawCursor();
    }

    // As `moveTo`, and brings the cursor into view; for those who do not point.
    goTo(frame, row = this.row) {
      this.moveTo(frame, row);
      const { first, span } = this.view;
      if (this.cursor < first || this.cursor + 1 > first + span) {
        this.show(this.cursor + 0.5 - span / 2, span);
      }
    }

    tell() {
      if (!this.model || !this.rowTitles) return;
      const row = this.model.rows[this.row];
      const facts = frameFacts(this.model, row, this.cursor);
      const { name } = vb.data.pipelines[this.row];
      this.stage.setAttribute('aria-valuenow', String(this.cursor));
      this.stage.setAttribute('aria-valuetext', `${facts}, ${name}: ${countsAt(row, this.cursor)}`);
      if (this.mark.hidden) return;
      // Beside the names there is no room for counts on a phone: there they follow the facts.
      const counts = ` · ${countsAt(row, this.cursor)}`;
      this.readout.replaceChildren(facts, vb.element('span', { class: 'narrow-counts' }, counts));
      this.rowTitles.forEach((title, k) => {
        title.classList.toggle('active', k === this.row && this.rowTitles.length > 1);
        this.atCursor[k].textContent = countsAt(this.model.rows[k], this.cursor);
      });
    }

    toError(direction) {
      const row = this.model.rows[this.row];
      let frame = this.cursor + (this.mark.hidden && direction > 0 ? 0 : direction);
      while (frame >= 0 && frame < this.clip.n_frames && !errorsAt(row, frame)) frame += direction;
      if (frame >= 0 && frame < this.clip.n_frames) {
        this.goTo(frame);
        // With the focus on the timeline its new value is read anyway.
        if (document.activeElement === this.stage) return;
        vb.say(this.stage.getAttribute('aria-valuetext'));
      } else {
        const where = direction > 0 ? 'after' : 'before';
        const { name } = vb.data.pipelines[this.row];
        const text = `no error of ${name} ${where} frame ${vb.thousands(this.cursor)}`;
        this.readout.textContent = text;
        vb.say(text);
      }
    }

    open() {
      if (vb.openFrame) vb.openFrame(this.number, this.cursor, { pipeline: this.row });
    }

    listen() {
      this.stage.addEventListener('keydown', (event) => this.key(event));
      this.stage.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
      this.stage.addEventListener('pointerdown', (event) => this.press(event));
      this.stage.addEventListener('pointermove', (event) => this.move(event));
      this.stage.addEventListener('pointerup', (event) => this.release(event));
      this.stage.addEventListener('pointercancel', ({ pointerId }) => {
        this.pointers.delete(pointerId);
      });
      this.stage.addEventListener('dblclick', () => {
        clearTimeout(this.opening);
        this.show(0, this.clip.n_frames);
      });
      this.overview.addEventListener('pointerdown', (event) => {
        this.overview.setPointerCapture(event.pointerId);
        this.centreOn(event);
      });
      this.overview.addEventListener('pointermove', (event) => {
        if (event.buttons) this.centreOn(event);
      });
    }

    centreOn(event) {
      const frame = event.offsetX / this.overview.clientWidth * this.clip.n_frames;
      this.show(frame - this.view.span / 2, this.view.span);
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = event.shiftKey ? 10 : 1;
      const page = Math.max(1, Math.round(this.view.span));
      const act = {
        ArrowRight: () => this.goTo(this.cursor + step),
        ArrowLeft: () => this.goTo(this.cursor - step),
        ArrowDown: () => this.goTo(this.cursor, this.row + 1),
        ArrowUp: () => this.goTo(this.cursor, this.row - 1),
        PageDown: () => this.goTo(this.cursor + page),
        PageUp: () => this.goTo(this.cursor - page),
        Home: () => this.goTo(0),
        End: () => this.goTo(this.clip.n_frames - 1),
        n: () => this.toError(1),
        p: () => this.toError(-1),
        '+': () => this.zoomAtCursor(0.5),
        '=': () => this.zoomAtCursor(0.5),
        '-': () => this.zoomAtCursor(2),
        0: () => this.show(0, this.clip.n_frames),
        Enter: () => this.open(),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    }

    // The wheel scrolls the page, unless the reader holds Ctrl (a pinch does) or works here.
    wheel(event) {
      const isZoom = event.ctrlKey || event.metaKey || document.activeElement === this.stage;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      const unit = event.deltaMode === 1 ? 16 : 1;
      if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
        const before = this.view.first;
        this.pan(before, sideways * unit);
        if (this.view.first !== before) event.preventDefault();
        return;
      }
      if (!isZoom) return;
      // A pinch on a touchpad comes as a wheel with Ctrl and small steps.
      const isPinch = event.ctrlKey && event.deltaMode === 0 && Math.abs(event.deltaY) < 40;
      const speed = isPinch ? 0.01 : 0.0025;
      const isChanged = this.zoom(Math.exp(event.deltaY * unit * speed), event.offsetX);
      // At the end of the zoom the page scrolls on; with Ctrl the browser would zoom itself.
      if (isChanged || event.ctrlKey || event.metaKey) event.preventDefault();
    }

    rowAt(y) {
      const found = this.model.layout.rows.findIndex((row) => y < row.end);
      return found < 0 ? this.model.rows.length - 1 : found;
    }

    point(event) {
      const row = this.rowAt(event.offsetY);
      const width = this.canvas.clientWidth;
      this.moveTo(frameNear(this.view, this.model.rows[row], event.offsetX, width), row);
    }

    press(event) {
      if (event.button !== 0) return;
      this.stage.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, event.offsetX);
      const isClick = this.pointers.size === 1;
      this.pressed = { x: event.offsetX, first: this.view.first, isClick };
    }

    move(event) {
      if (!this.pointers.has(event.pointerId)) {
        if (event.pointerType !== 'touch') this.point(event);
        return;
      }
      const before = [...this.pointers.values()];
      this.pointers.set(event.pointerId, event.offsetX);
      const now = [...this.pointers.values()];
      if (now.length === 2) {
        this.pressed.isClick = false;
        const [was, is] = [before, now].map(([a, b]) => Math.max(10, Math.abs(a - b)));
        this.zoom(was / is, (now[0] + now[1]) / 2);
        return;
      }
      const dragged = event.offsetX - this.pressed.x;
      if (Math.abs(dragged) > CLICK_PX) this.pressed.isClick = false;
      if (this.pressed.isClick) return;
      this.pan(this.pressed.first, -dragged);
    }

    release(event) {
      if (!this.pointers.delete(event.pointerId)) return;
      const [left] = this.pointers.values();
      if (left !== undefined) this.pressed = { x: left, first: this.view.first, isClick: false };
      if (left !== undefined || !this.pressed.isClick) return;
      this.point(event);
      clearTimeout(this.opening);
      // A second click in time shows the whole clip again instead; only a zoomed clip waits for it.
      const isZoomed = this.view.span < this.clip.n_frames;
      this.opening = setTimeout(() => this.open(), isZoomed ? DOUBLE_CLICK_MS : 0);
    }
  }

  const holders = vb.all('.clip[data-clip]');
  const timelines = new Map(holders.map((holder) => [holder, new Timeline(holder)]));
  const watcher = new IntersectionObserver((entries) => {
    entries.forEach((entry) => timelines.get(entry.target).near(entry.isIntersecting));
  }, { rootMargin: '500px 0px' });
  timelines.forEach((_, holder) => watcher.observe(holder));

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme = drawing.theme();
    timelines.forEach((timeline) => timeline.ask());
  });
})();
