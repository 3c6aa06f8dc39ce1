// Beside the picture: which pipelines and classes are shown, from which score, and the counts.
(() => {
  'use strict';
  const { viewer } = vb;
  if (!viewer) return;
  const { find, dialog } = viewer;
  const { clips, pipelines, sets } = vb.data;
  const setOf = () => sets[clips[viewer.drawn.clip].set];

  // ---- pipelines and their counts ----

  const rowOf = (body, title) => {
    const cells = ['tp', 'fn', 'fp'].map((key) => [key, vb.element('td', { class: 'num' })]);
    const head = vb.element('th', { scope: 'row' }, title);
    body.append(vb.element('tr', {}, head, ...cells.map(([, cell]) => cell)));
    return {
      head,
      show: (counts) => cells.forEach(([key, cell]) => {
        const n = counts ? counts[key] : null;
        cell.textContent = n === null ? '–' : vb.thousands(n);
        cell.title = counts && n === null ? 'Not known: this class is annotated nowhere completely' : '';
      }),
    };
  };
  const rows = pipelines.map((one, number) => {
    const tick = vb.element('input', { type: 'checkbox' });
    tick.addEventListener('change', () => {
      if (tick.checked) viewer.shown.add(number);
      else viewer.shown.delete(number);
      viewer.tell('changed');
    });
    const letter = vb.element('b', { class: 'letter' }, viewer.letter(number));
    const badge = vb.element('span', { class: 'badge' }, 'baseline');
    const label = vb.element('label', {}, tick, ...(pipelines.length > 1 ? [letter] : []),
      vb.name(one.name), ...(one.is_baseline ? [badge] : []));
    const head = vb.element('th', { colspan: 4, scope: 'rowgroup' }, label);
    const body = vb.element('tbody', {}, vb.element('tr', {}, head));
    dialog.querySelector('.viewer-counts').append(body);
    find('pipeline').append(new Option(one.name, number));
    return { tick, body, frame: rowOf(body, 'this frame'), all: rowOf(body, '') };
  });
  find('pipeline').addEventListener('change', () => { viewer.pipeline = Number(find('pipeline').value); });
  dialog.querySelector('.few').hidden = pipelines.length < 2;
  find('all-pipelines').addEventListener('click', () => {
    const isAll = viewer.shown.size === pipelines.length;
    viewer.shown = new Set(isAll ? [viewer.pipeline] : pipelines.keys());
    viewer.tell('changed');
  });

  const countAll = async (number) => {
    const { set } = clips[viewer.drawn.clip];
    const classes = [...viewer.classes().keys()];
    const ticked = classes.filter(viewer.isClassShown);
    const asked = ticked.length === classes.length ? [null] : ticked;
    const found = await Promise.all(
      asked.map((cls) => vb.countsAt(set, number, cls, vb.state.score)),
    );
    // What is not known of one class is not known of all.
    const add = (a, b) => (a === null || b === null ? null : a + b);
    const sum = (key) => found.map((one) => one[key]).reduce(add, 0);
    return { tp: sum('tp'), fn: sum('fn'), fp: sum('fp') };
  };

  let latest = 0;
  const showCounts = async () => {
    latest += 1;
    const mine = latest;
    find('pipeline').value = viewer.pipeline;
    const isAll = viewer.shown.size === pipelines.length;
    find('all-pipelines').textContent = isAll ? 'Show one' : 'Show all';
    rows.forEach(({ tick, body, frame, all }, number) => {
      tick.checked = viewer.shown.has(number);
      body.classList.toggle('off', !tick.checked);
      frame.show(viewer.countsOf(number));
      all.head.replaceChildren(...(sets.length > 1 ? ['all of ', vb.name(setOf().name)] : ['all frames']));
    });
    const numbers = viewer.shownPipelines();
    const found = await Promise.all(numbers.map(countAll));
    if (mine === latest) numbers.forEach((number, index) => rows[number].all.show(found[index]));
  };

  // ---- the score ----

  const slider = find('score');
  const showScore = () => {
    const { score } = vb.state;
    const { scores, floors } = setOf();
    const own = [...new Set(scores[viewer.pipeline])];
    const point = own.length === 1 ? `operating point ${own[0].toFixed(2)}` : 'operating points';
    slider.value = score ?? own[0] ?? 0;
    find('score-text').textContent = score === null ? point : score.toFixed(2);
    slider.setAttribute('aria-valuetext', find('score-text').textContent);
    find('reset').disabled = score === null;
    const isBelow = (limit) => score !== null && viewer.shownPipelines().some((one) => score < limit(one));
    let words = '';
    if (viewer.record.leftOut) {
      words = `Of this frame ${vb.plural(viewer.record.leftOut, 'answer')} of the lowest scores `
        + 'are left out. The counts of all frames are complete.';
    } else if (!viewer.record.isComplete && isBelow((one) => Math.max(...scores[one]))) {
      words = 'Of this frame the file holds answers at the operating points and above only; '
        + 'vbench view shows all of them. The counts of all frames are complete.';
    } else if (isBelow((one) => floors[one])) {
      words = 'No answers are stored below the score floor of a pipeline '
        + `(${Math.max(...viewer.shownPipelines().map((one) => floors[one]))}).`;
    }
    find('score-note').textContent = words;
    find('score-note').hidden = !words;
  };
  slider.addEventListener('input', () => vb.set('score', Math.round(slider.value * 100) / 100));
  find('reset').addEventListener('click', () => {
    vb.set('score', null);
    slider.focus();
  });
  vb.on('score', () => {
    if (!dialog.open || !viewer.record) return;
    viewer.tell('changed');
    viewer.say(`${find('score-text').textContent}. ${viewer.inWords(viewer.shownPipelines())}`);
  });

  // ---- classes ----

  const fieldset = dialog.querySelector('.classes');
  const showClasses = () => {
    const set = String(clips[viewer.drawn.clip].set);
    if (fieldset.dataset.set === set) return;
    fieldset.dataset.set = set;
    const names = setOf().classes;
    fieldset.hidden = names.length < 2;
    const labels = names.map((name) => {
      const tick = vb.element('input', { type: 'checkbox' });
      tick.checked = !viewer.hiddenClasses.has(name);
      tick.addEventListener('change', () => {
        if (tick.checked) viewer.hiddenClasses.delete(name);
        else viewer.hiddenClasses.add(name);
        viewer.tell('changed');
      });
      return vb.element('label', {}, tick, vb.name(name));
    });
    fieldset.querySelector('div').replaceChildren(...labels);
  };

  const tickAll = (isTicked) => {
    viewer.hiddenClasses = new Set(isTicked ? [] : viewer.classes());
    vb.all('input', fieldset).forEach((tick) => { tick.checked = isTicked; });
    viewer.tell('changed');
  };
  find('all-classes').addEventListener('click', () => tickAll(true));
  find('no-classes').addEventListener('click', () => tickAll(false));

  viewer.when('changed', () => {
    showClasses();
    showScore();
    showCounts();
  });
})();
