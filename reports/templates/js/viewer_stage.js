// The pictures of the frame viewer: one, one per pipeline, or one that takes turns; zoom and move.
(() => {
  'use strict';
  const { viewer } = vb;
  if (!viewer) return;
  const { find, stage, dialog } = viewer;
  const { clips, pipelines } = vb.data;
  const note = dialog.querySelector('.stage-note');
  const ZOOM_STEP = 1.4;
  const MIN_PANE_PX = 180;
  const LONGEST_NAME = 24;
  let view = vb.frameView(1, 1);
  let mode = 'overlay';
  let panes = [];

  // ---- what is drawn ----

  let turn = 0;
  // The pipelines of each picture.
  const groups = () => {
    const all = viewer.shownPipelines();
    if (mode === 'side' && all.length) return all.map((one) => [one]);
    if (mode === 'flicker' && all.length) return [[all[turn % all.length]]];
    return [all];
  };
  const isTicked = (kind) => dialog.querySelector(`.outcomes input[value="${kind}"]`).checked;
  const boxesOf = (numbers) => vb.boxesOf(viewer.record, viewer.drawn.clip, numbers)
    .filter(({ kind, box }) => isTicked(kind) && viewer.isClassShown(box.cls));

  const label = ({ kind, box, by, score }, isAlone) => {
    const which = find('labels').value;
    const sign = { missed: '! ', false: '✕ ' }[kind] ?? '';
    if (which === 'none' || (which === 'errors' && !sign)) return '';
    const whose = isAlone ? '' : by.map(viewer.letter).join(' ');
    // Isolated: a name of another writing direction keeps to itself.
    const cls = viewer.classes()[box.cls];
    const name = `\u2068${cls.length > LONGEST_NAME ? `${cls.slice(0, LONGEST_NAME - 1)}…` : cls}\u2069`;
    const words = [whose, ...(kind === 'missed' && isAlone ? ['missed'] : []), name];
    if (score !== null) words.push(score.toFixed(2));
    return sign + words.filter(Boolean).join(' ');
  };

  const draw = () => {
    if (!viewer.record || !dialog.open) return;
    const wanted = groups();
    if (panes.length !== wanted.length) {
      panes = wanted.map(() => vb.picture());
      stage.replaceChildren(...panes.map((pane) => pane.node));
      stage.dataset.panes = panes.length;
    }
    wanted.forEach((numbers, index) => {
      const title = mode === 'overlay' ? [] : numbers.map((one) => vb.name(pipelines[one].name));
      const boxes = boxesOf(numbers)
        .map((one) => ({ ...one, text: label(one, numbers.length === 1) }));
      panes[index].draw(view, viewer.record.image, title, boxes, viewer.inWords(numbers));
    });
    listBoxes();
  };
  const listBoxes = () => {
    if (!find('list').open) return;
    const boxes = boxesOf(viewer.shownPipelines());
    find('list').querySelector('div').replaceChildren(vb.boxTable(boxes, viewer.classes()));
  };

  const missingPicture = () => {
    if (viewer.error) return `This frame cannot be shown: ${viewer.error}`;
    if (viewer.isKnown) return viewer.record.image ? '' : viewer.record.problem;
    return 'This file holds neither the picture nor the boxes of this frame; “vbench view” with the '
      + 'run folder shows every frame.';
  };
  const showNote = () => {
    const problem = missingPicture();
    note.hidden = !problem;
    const parts = [vb.element('p', {}, problem)];
    if (!viewer.isServed) {
      const away = (frame) => Math.abs(frame - viewer.drawn.frame);
      const [near] = viewer.pictured(viewer.drawn.clip).sort((a, b) => away(a) - away(b));
      if (near !== undefined) {
        const words = `Nearest picture: frame ${vb.thousands(near)}`;
        const button = vb.element('button', { type: 'button' }, words);
        button.addEventListener('click', () => { stage.focus(); viewer.go(viewer.drawn.clip, near); });
        parts.push(button);
      }
    }
    note.replaceChildren(...parts);
  };

  viewer.when('changed', () => {
    const { clip } = viewer.drawn;
    if (view.clip !== clip) {
      view = vb.frameView(clips[clip].width_px, clips[clip].height_px);
      view.clip = clip;
    }
    showNote();
    draw();
    look();
  });
  dialog.querySelector('.outcomes').addEventListener('change', draw);
  find('list').addEventListener('toggle', () => { if (viewer.record) listBoxes(); });

  // ---- modes ----

  const play = find('play');
  const rate = find('rate');
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  let timer = 0;
  const nextTurn = () => {
    turn += 1;
    draw();
  };
  const setPlaying = (isPlaying) => {
    clearInterval(timer);
    timer = isPlaying ? setInterval(nextTurn, 1000 / rate.value) : 0;
    play.setAttribute('aria-pressed', String(isPlaying));
    play.textContent = isPlaying ? 'Pause' : 'Play';
  };
  play.addEventListener('click', () => setPlaying(!timer));
  viewer.nextTurn = () => {
    if (mode !== 'flicker') return;
    setPlaying(false);
    nextTurn();
    viewer.say(viewer.inWords(groups()[0]));
  };
  find('turn').addEventListener('click', viewer.nextTurn);
  rate.addEventListener('input', () => {
    dialog.querySelector('.flicker output').textContent = Number(rate.value).toFixed(1);
    if (timer) setPlaying(true);
  });
  dialog.querySelector('.modes').addEventListener('change', (event) => {
    if (event.target.name !== 'viewer-mode') return;
    mode = event.target.value;
    stage.dataset.mode = mode;
    dialog.querySelector('.flicker').hidden = mode !== 'flicker';
    setPlaying(mode === 'flicker' && !isCalm.matches);
    draw();
    look();
  });
  viewer.when('closed', () => setPlaying(false));

  // ---- zoom and move ----

  // As many columns as make the pictures largest.
  const arrange = () => {
    const { clientWidth, clientHeight } = stage;
    const TITLE_PX = 30;
    const sizes = panes.map((_, index) => {
      const rows = Math.ceil(panes.length / (index + 1));
      const across = clientWidth / (index + 1) / view.widthPx;
      return Math.min(across, Math.max(MIN_PANE_PX, clientHeight / rows - TITLE_PX) / view.heightPx);
    });
    const columns = sizes.lastIndexOf(Math.max(...sizes)) + 1;
    stage.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  };
  const look = () => {
    arrange();
    panes.forEach((pane) => pane.look(view));
    find('zoom').textContent = `${Math.round(view.zoom * 100)} %`;
    stage.classList.toggle('zoomed', view.zoom > 1);
  };
  viewer.zoomBy = (steps) => {
    if (steps) view.zoomBy(ZOOM_STEP ** steps);
    else view.zoomBy(0);
    look();
  };
  // By shares of what is seen.
  viewer.moveBy = (right, down) => {
    view.moveTo(view.x + (right * view.widthPx) / view.zoom, view.y + (down * view.heightPx) / view.zoom);
    look();
  };
  // Pixels of the frame under a place of the window, by the drawing it is in.
  const framePoint = (drawing, event) => {
    const matrix = drawing.getScreenCTM();
    return matrix && new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  };
  stage.addEventListener('wheel', (event) => {
    const drawing = event.target.closest('svg');
    // Where the dialog itself scrolls, the wheel scrolls; with Ctrl, or a pinch, it zooms.
    const scrolls = dialog.scrollHeight > dialog.clientHeight + 1;
    if (!drawing || (scrolls && !event.ctrlKey)) return;
    event.preventDefault();
    const { x, y } = framePoint(drawing, event);
    view.zoomBy(ZOOM_STEP ** (-event.deltaY / 100), x, y);
    look();
  }, { passive: false });

  const pointers = new Map();
  const apart = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  stage.addEventListener('pointerdown', (event) => {
    const drawing = event.target.closest('svg');
    if (!drawing || event.button) return;
    pointers.set(event.pointerId, event);
    if (view.zoom > 1 || pointers.size > 1) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    if (!event.buttons) {
      // Let go outside the stage.
      pointers.delete(event.pointerId);
      return;
    }
    const { drawing } = panes[0];
    const others = [...pointers.values()].filter((one) => one.pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    if (others.length === 1) {
      const { x, y } = framePoint(drawing, event);
      view.zoomBy(apart([event, others[0]]) / apart([before, others[0]]), x, y);
    } else if (view.zoom > 1) {
      const [from, to] = [before, event].map((one) => framePoint(drawing, one));
      view.moveTo(view.x + from.x - to.x, view.y + from.y - to.y);
    }
    look();
  });
  ['pointerup', 'pointercancel'].forEach((name) => {
    stage.addEventListener(name, (event) => pointers.delete(event.pointerId));
  });
  stage.addEventListener('dblclick', (event) => {
    const drawing = event.target.closest('svg');
    if (!drawing) return;
    const { x, y } = framePoint(drawing, event);
    view.zoomBy(view.zoom > 1 ? 0 : 4, x, y);
    look();
  });
  new ResizeObserver(look).observe(stage);
})();
