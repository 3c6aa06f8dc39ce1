// Charts are drawings already. When one comes near the window it is drawn again from its
// specification, in the same place and size, and then answers the pointer and the keyboard.
(() => {
  'use strict';
  const notes = document.getElementById('vb-charts');
  const packed = document.getElementById('vb-vega');
  if (!notes || !packed || !('DecompressionStream' in window)) return;

  const QUIET_MS = 300;
  const ERRORS_ONLY = 1;
  const ZOOM_STEP = 0.7;
  const isCoarse = window.matchMedia('(pointer: coarse)').matches;
  const live = new Map();
  const listeners = [];
  let read = null;
  let runtime = null;

  vb.charts = {
    // Specifications and data of charts, read when first asked for.
    known() {
      read = read || JSON.parse(notes.textContent);
      return read;
    },
    live,
    // Calls a function for every chart that is interactive, now and later.
    onView(listener) {
      listeners.push(listener);
      live.forEach(listener);
    },
  };

  const inflate = async (text) => {
    const deflated = atob(text);
    const bytes = new Uint8Array(deflated.length);
    for (let k = 0; k < deflated.length; k += 1) bytes[k] = deflated.charCodeAt(k);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Response(stream).text();
  };

  // The policy of the page names the digest of exactly this script.
  const loadRuntime = () => {
    runtime = runtime || inflate(packed.textContent).then((text) => {
      const script = document.createElement('script');
      script.textContent = text;
      document.head.append(script);
      script.remove();
      if (!window.vegaEmbed) throw new Error('the script of the charts did not run');
      return window.vegaEmbed;
    });
    return runtime;
  };

  const tip = vb.element('dl', { class: 'vega-tip', 'aria-hidden': 'true' });
  tip.hidden = true;
  document.body.append(tip);
  const showTip = (handler, event, item, value) => {
    tip.hidden = !value || typeof value !== 'object';
    if (tip.hidden) return;
    tip.replaceChildren(...Object.entries(value).flatMap(([title, text]) => (
      [vb.element('dt', {}, title), vb.element('dd', {}, String(text))]
    )));
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = event.clientX + 14 + width > innerWidth ? event.clientX - 14 - width
      : event.clientX + 14;
    const top = event.clientY + 14 + height > innerHeight ? event.clientY - 14 - height
      : event.clientY + 14;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, top)}px`;
  };

  window.addEventListener('scroll', () => { tip.hidden = true; }, { passive: true, capture: true });

  const axesOf = (spec) => {
    const zoomed = spec.layer.find((layer) => (layer.params || []).some((one) => one.name === 'zoom'));
    return zoomed ? ['x', 'y'].map((axis) => zoomed.encoding[axis]) : [];
  };

  const fitted = (spec, drawing) => {
    const made = { ...spec, width: drawing.clientWidth, height: drawing.clientHeight };
    // A finger that drags a chart shall scroll the page.
    if (isCoarse) {
      made.layer = spec.layer.map((layer) => (
        layer.name === 'lines' ? { ...layer, params: undefined } : layer
      ));
    }
    return made;
  };

  // Where most is to be seen: the operating points, or the middle of the bins.
  const centre = (view, field) => {
    const marks = ['operating', 'bins'].map((name) => {
      try {
        return view.data(name);
      } catch {
        return [];
      }
    }).find((rows) => rows.length) || [];
    const values = marks.map((row) => row[field]).filter((value) => value !== null);
    return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0.5;
  };

  const addTools = (figure, view, axes) => {
    const head = figure.querySelector('.vega-head');
    const zoom = (factor) => {
      axes.forEach(({ field, scale: { domain: [low, high] } }) => {
        const name = `zoom_${field}`;
        const [from, to] = (factor && view.signal(name)) || [low, high];
        const width = factor ? Math.min(high - low, (to - from) * factor) : 0;
        const start = Math.min(Math.max(centre(view, field) - width / 2, low), high - width);
        view.signal(name, factor ? [start, start + width] : null);
      });
      view.runAsync();
    };
    const title = head.querySelector('.vega-title').textContent;
    const tools = [['+', 'Zoom in', ZOOM_STEP], ['−', 'Zoom out', 1 / ZOOM_STEP], ['⟲', 'Show all', 0]];
    const bar = vb.element('div', { class: 'vega-tools' });
    tools.forEach(([sign, word, factor]) => {
      const label = `${word}: ${title}`;
      const button = vb.element('button', { type: 'button', 'aria-label': label, title: word }, sign);
      button.addEventListener('click', () => zoom(factor));
      bar.append(button);
    });
    if (!isCoarse) bar.title = 'Ctrl and the wheel zoom, dragging moves, a double click shows all';
    head.append(bar);
  };

  const draw = async (figure, key) => {
    const entry = vb.charts.known().charts[key];
    const drawing = figure.querySelector('.vega-drawing');
    const embed = await loadRuntime();
    const before = live.get(figure.dataset.chart);
    const holder = vb.element('div', { class: 'vega-live' });
    drawing.append(holder);
    const { view } = await embed(holder, fitted(entry.spec, drawing), {
      mode: 'vega-lite',
      ast: true,
      actions: false,
      renderer: 'svg',
      defaultStyle: false,
      logLevel: ERRORS_ONLY,
      tooltip: showTip,
    });
    const still = drawing.querySelector(':scope > svg');
    const svg = holder.querySelector('svg');
    holder.setAttribute('role', 'img');
    holder.setAttribute('aria-label', entry.label || still.getAttribute('aria-label'));
    svg.setAttribute('aria-hidden', 'true');
    still.setAttribute('aria-hidden', 'true');
    drawing.classList.add('drawn-again');
    if (before) {
      before.view.finalize();
      before.holder.remove();
    }
    const one = { view, holder, figure, entry };
    live.set(figure.dataset.chart, one);
    if (vb.state.series !== undefined && vb.state.series !== null) pick(one, vb.state.series);
    const axes = isCoarse ? [] : axesOf(entry.spec);
    if (axes.length && !before) addTools(figure, view, axes);
    listeners.forEach((listener) => listener(one, figure.dataset.chart));
  };

  // One chart after the other, and none while the reader zooms, scrolls or types: starting one takes
  // a tenth of a second in which the page would not answer.
  let touchedAt = -QUIET_MS;
  ['wheel', 'scroll', 'keydown', 'pointerdown'].forEach((name) => {
    window.addEventListener(name, () => { touchedAt = performance.now(); }, { passive: true, capture: true });
  });
  const idle = () => new Promise((done) => {
    (window.requestIdleCallback || ((call) => setTimeout(call, 1)))(done, { timeout: 200 });
  });
  const pause = async () => {
    for (let left = 1; left > 0; left = touchedAt + QUIET_MS - performance.now()) {
      if (left > 1) await new Promise((done) => { setTimeout(done, left); });
      await idle();
    }
  };
  let queue = Promise.resolve();
  const enqueue = (figure, key) => {
    queue = queue.then(pause).then(() => draw(figure, key)).catch((error) => {
      // The drawing that was there stays.
      figure.dataset.problem = error.message;
      vb.all('.vega-live', figure).forEach((holder) => {
        if (![...live.values()].some((one) => one.holder === holder)) holder.remove();
      });
    });
    return queue;
  };

  const watcher = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
      watcher.unobserve(target);
      enqueue(target, target.dataset.chart);
    });
  }, { rootMargin: '200px' });
  vb.all('.vega-chart[data-chart]').forEach((figure) => watcher.observe(figure));

  // One pipeline stands out in all charts.
  const pick = ({ view, entry }, series) => {
    if (entry.spec.params.some((one) => one.name === 'picked')) view.signal('picked', series).runAsync();
  };
  vb.on('series', (series) => {
    live.forEach((one) => pick(one, series));
    vb.all('button.series').forEach((button) => {
      button.setAttribute('aria-pressed', String(Number(button.dataset.series) === series));
    });
  });
  vb.all('.series-legend span.series').forEach((item) => {
    const series = Number(item.dataset.series);
    const button = vb.element('button', {
      type: 'button', class: 'series', 'data-series': series, 'aria-pressed': 'false',
      title: 'Let this pipeline stand out in the charts',
    });
    button.append(...item.childNodes);
    button.addEventListener('click', () => vb.set('series', vb.state.series === series ? null : series));
    item.replaceWith(button);
  });

  // Another accuracy in a Pareto chart.
  vb.all('select[data-chart-of]').forEach((select) => {
    const figure = document.querySelector(`.vega-chart[data-chart="${CSS.escape(select.dataset.chartOf)}"]`);
    select.addEventListener('change', () => {
      const { title, front } = vb.charts.known().charts[select.value];
      figure.querySelector('.vega-title').textContent = title;
      figure.querySelector('.vega-note').textContent = front;
      watcher.unobserve(figure);
      enqueue(figure, select.value);
    });
  });
})();
