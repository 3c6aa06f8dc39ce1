// Curves of any class, and one score threshold that moves through curves and table alike.
(() => {
  'use strict';
  if (!vb.data || !vb.charts) return;

  const N_STEPS = 100;
  const SAY_AFTER_MS = 600;
  const classOf = vb.data.sets.map(() => null);
  const ratio = (above, below) => (below > 0 ? above / below : null);
  const rowOf = (cls) => (cls === null ? 0 : cls + 1);

  // Counts and the rates that follow of them; false alarms are unknown where a class is annotated
  // exhaustively nowhere, and counted with the truth of known footage where that is a part.
  const measured = async (set, pipeline, cls, score) => {
    const { tp, fp, fn } = await vb.countsAt(set, pipeline, cls, score);
    const known = (vb.charts.known().sets[set].known[pipeline] || {})[rowOf(cls)];
    const found = known ? known.tp[Math.round(score * N_STEPS)] : tp;
    const truth = known ? known.n_truth : tp + fn;
    return {
      tp, fp, fn,
      r: ratio(tp, tp + fn),
      p: fp === null ? null : ratio(found, found + fp),
      f: fp === null ? null : ratio(2 * found, found + fp + truth),
    };
  };

  const operating = (set, pipeline, cls) => {
    const [t, r, p, f] = vb.charts.known().sets[set].operating[pipeline][rowOf(cls)];
    return { k: pipeline, t, r, p, f };
  };

  const pipelines = () => vb.data.pipelines.map((_, k) => k);
  const isStored = (set, pipeline, score) => score >= vb.data.sets[set].floors[pipeline] - 1e-9;

  const curveRows = async (set, cls) => {
    const scores = Array.from({ length: N_STEPS + 1 }, (_, j) => j / N_STEPS);
    const rows = await Promise.all(pipelines().flatMap((k) => (
      scores.filter((score) => isStored(set, k, score))
        .map(async (t) => ({ k, t, ...await measured(set, k, cls, t) }))
    )));
    return rows.map(({ k, t, r, p, f }) => ({ k, t, r, p, f }));
  };

  const binRows = (set, cls) => vb.charts.known().sets[set].bins.flatMap((of, k) => (
    of[rowOf(cls)].map(([s, p, n]) => ({ k, s, p, n }))
  ));

  const atRows = async (set, cls, score) => {
    if (score === null) return [];
    const stored = pipelines().filter((k) => isStored(set, k, score));
    return Promise.all(stored.map(async (k) => ({ k, t: score, ...await measured(set, k, cls, score) })));
  };

  const chartsOf = (set) => [...vb.charts.live.values()].filter(({ figure }) => (
    figure.closest(`.curves[data-set="${set}"]`)
  ));
  const has = ({ entry }, name) => entry.spec.layer.some(({ data }) => data && data.name === name);

  const fill = async (chart, set) => {
    const cls = classOf[set];
    if (has(chart, 'bins')) chart.view.data('bins', binRows(set, cls));
    if (has(chart, 'curve')) {
      chart.view.data('curve', await curveRows(set, cls));
      chart.view.data('operating', pipelines().map((k) => operating(set, k, cls)));
      chart.view.data('at', await atRows(set, cls, vb.state.score));
    }
    await chart.view.runAsync();
  };

  const moveMarks = async (set) => {
    const rows = await atRows(set, classOf[set], vb.state.score);
    await Promise.all(chartsOf(set).filter((chart) => has(chart, 'at')).map((chart) => (
      chart.view.data('at', rows).runAsync()
    )));
  };

  const text = (value, digits) => {
    if (value === null) return vb.element('span', { class: 'undefined' }, 'undefined');
    return digits ? value.toFixed(digits) : vb.thousands(value);
  };

  const tableRow = async (set, line, score) => {
    const pipeline = Number(line.dataset.series);
    const cls = classOf[set];
    const [name] = line.children;
    const cell = (content) => vb.element('td', { class: 'num' }, content);
    if (score !== null && !isStored(set, pipeline, score)) {
      const floor = vb.data.sets[set].floors[pipeline];
      const note = `nothing is stored below ${floor}`;
      line.replaceChildren(name, cell(score.toFixed(2)), vb.element('td', { class: 'stored', colspan: 6 }, note));
      return `${name.textContent}: ${note}`;
    }
    const counts = score === null ? await vb.countsAt(set, pipeline, cls, null) : null;
    const one = score === null ? { ...counts, ...operating(set, pipeline, cls) }
      : { t: score, ...await measured(set, pipeline, cls, score) };
    line.replaceChildren(
      name,
      cell(one.t === null ? 'by class' : one.t.toFixed(2)),
      ...[one.tp, one.fn, one.fp].map((value) => cell(text(value, 0))),
      ...[one.p, one.r, one.f].map((value) => cell(text(value, 3))),
    );
    return `${name.textContent}: ${one.tp} found, ${one.fn} missed, ${one.fp === null ? 'unknown' : one.fp} false`;
  };

  let saying = 0;
  const sayLater = (words) => {
    clearTimeout(saying);
    saying = setTimeout(() => vb.say(words), SAY_AFTER_MS);
  };

  const showTable = async (set, isSaid) => {
    const table = document.querySelector(`.threshold-table[data-set="${set}"]`);
    const { score } = vb.state;
    const cls = classOf[set];
    const where = score === null ? 'At the operating points' : `At score ≥ ${score.toFixed(2)}`;
    const of = cls === null ? ['all classes'] : ['class ', vb.name(vb.data.sets[set].classes[cls])];
    table.querySelector('caption').replaceChildren(`${where}, `, ...of);
    const words = await Promise.all(vb.all('tbody tr', table).map((line) => tableRow(set, line, score)));
    if (isSaid) sayLater([where, ...words.slice(0, 3)].join('. '));
  };

  const showThreshold = (panel) => {
    const { score } = vb.state;
    const slider = panel.querySelector('input');
    const set = Number(panel.dataset.set);
    const first = operating(set, 0, null).t;
    slider.value = score === null ? (first === null ? 0.5 : first) : score;
    const words = score === null ? 'operating points' : score.toFixed(2);
    slider.setAttribute('aria-valuetext', words);
    panel.querySelector('output').textContent = words;
    panel.querySelector('button').disabled = score === null;
  };

  const panels = vb.all('.threshold[data-set]');
  panels.forEach((panel) => {
    const slider = panel.querySelector('input');
    slider.addEventListener('input', () => vb.set('score', Math.round(slider.value * N_STEPS) / N_STEPS));
    panel.querySelector('button').addEventListener('click', () => {
      vb.set('score', null);
      slider.focus();
    });
    // A browser may bring back where the slider was.
    showThreshold(panel);
  });
  vb.on('score', () => {
    panels.forEach(showThreshold);
    panels.forEach((panel) => {
      const set = Number(panel.dataset.set);
      moveMarks(set);
      showTable(set, panel.contains(document.activeElement));
    });
  });

  vb.all('.curve-class select').forEach((select) => {
    select.value = '';
    select.addEventListener('change', () => {
      const set = Number(select.dataset.set);
      classOf[set] = select.value === '' ? null : Number(select.value);
      chartsOf(set).forEach((chart) => fill(chart, set));
      showTable(set, true);
    });
  });

  vb.charts.onView((chart) => {
    const curves = chart.figure.closest('.curves');
    if (curves) fill(chart, Number(curves.dataset.set));
  });
})();
