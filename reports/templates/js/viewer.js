// The frame viewer: which frame is open, its address, and loading it. The parts of the dialog
// (viewer_stage, viewer_counts, viewer_steps) listen to what changes.
(() => {
  'use strict';
  const dialog = document.getElementById('viewer');
  if (!vb.data || !dialog || !vb.data.clips.length) return;
  const { clips, pipelines } = vb.data;
  const MOST_AT_ONCE = 4;
  const PATIENCE_MS = 400;
  const listeners = { moved: [], changed: [], looked: [], closed: [] };
  const find = (id) => document.getElementById(`viewer-${id}`);
  const stage = dialog.querySelector('.stage');

  const viewer = {
    dialog,
    stage,
    find,
    // What was asked for, and what is drawn.
    at: { clip: 0, frame: 0 },
    drawn: { clip: 0, frame: 0 },
    // Boxes of the frame that is drawn; null before the first.
    record: null,
    isKnown: false,
    error: '',
    // The pipeline whose errors are stepped through.
    pipeline: 0,
    shown: new Set(),
    hiddenClasses: new Set(),
    isServed: vb.data.server !== null,

    when(name, listener) { listeners[name].push(listener); },
    tell(name) { listeners[name].forEach((listener) => listener()); },

    shownPipelines: () => pipelines.map((_, number) => number).filter((one) => viewer.shown.has(one)),
    classes: () => vb.data.sets[clips[viewer.drawn.clip].set].classes,
    isClassShown: (cls) => !viewer.hiddenClasses.has(viewer.classes()[cls]),
    countsOf: (number) => (
      viewer.record && vb.countsOf(viewer.record, viewer.drawn.clip, number, viewer.isClassShown)
    ),
    // How a pipeline is called in a label.
    letter: (number) => (number < 26 ? String.fromCharCode(65 + number) : String(number + 1)),
    // Frames of a clip with a picture in this file.
    pictured: (clip) => vb.data.frames.filter((one) => one.clip === clip && one.image)
      .map((one) => one.frame).sort((a, b) => a - b),
  };
  vb.viewer = viewer;

  // Said once the reader stops for a moment: held keys would fill the air.
  let saying = 0;
  viewer.say = (text) => {
    clearTimeout(saying);
    saying = setTimeout(() => { find('said').textContent = text; }, 350);
  };

  viewer.inWords = (numbers) => {
    const counts = numbers.map((one) => {
      const found = viewer.countsOf(one);
      if (!found) return '';
      const alarms = vb.plural(found.fp, 'false alarm');
      return ` ${pipelines[one].name}: ${found.tp} found, ${found.fn} missed, ${alarms}.`;
    });
    return `Frame ${viewer.drawn.frame} of ${clips[viewer.drawn.clip].name}.${counts.join('')}`;
  };

  // ---- loading: one frame at a time, then the newest that was asked for ----

  const present = (place, record, error) => {
    viewer.drawn = place;
    viewer.isKnown = Boolean(record);
    viewer.error = error;
    viewer.record = record ?? {
      image: null, problem: '', truth: [], answers: pipelines.map(() => null), isComplete: true,
      leftOut: 0,
    };
    viewer.tell('changed');
    viewer.say(viewer.inWords(viewer.shownPipelines()));
  };

  const fetched = async ({ clip, frame }, signal) => {
    const found = await vb.frame(clip, frame, { signal });
    if (found && found.image && viewer.isServed) {
      const picture = new Image();
      picture.src = found.image;
      try {
        await picture.decode();
      } catch {
        return { ...found, image: null, problem: 'The server gave no picture of this frame.' };
      }
    }
    return found;
  };

  // The frames before and after, asked for before they are wanted.
  let ahead = new Map();
  const key = ({ clip, frame }) => `${clip} ${frame}`;
  const fetchAhead = () => {
    const { clip, frame } = viewer.at;
    const places = [frame + 1, frame - 1]
      .filter((one) => one >= 0 && one < clips[clip].n_frames)
      .map((one) => ({ clip, frame: one }));
    ahead = new Map(places.map((place) => [key(place), ahead.get(key(place)) ?? fetched(place)]));
    // Only a guess at what comes next: one that fails is asked for again when it is wanted.
    ahead.forEach((found, name) => found.catch(() => ahead.delete(name)));
  };

  let loading = null;
  let wanted = null;
  const loadNext = async () => {
    const place = wanted;
    wanted = null;
    loading = new AbortController();
    const { signal } = loading;
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined));
    });
    try {
      const found = await Promise.race([ahead.get(key(place)) ?? fetched(place, signal), aborted]);
      if (found !== undefined && dialog.open) present(place, found, '');
    } catch (error) {
      if (!signal.aborted && dialog.open) present(place, null, error.message);
    }
  };
  const load = async () => {
    if (loading) {
      // A slow frame must not hold up the next.
      const slow = loading;
      setTimeout(() => { if (wanted && loading === slow) slow.abort(); }, PATIENCE_MS);
      return;
    }
    while (wanted) await loadNext();
    loading = null;
    if (viewer.isServed && dialog.open) fetchAhead();
  };

  // ---- the address ----

  const address = ({ clip, frame }) => `#clip=${clip}&frame=${frame}`;
  const addressed = () => {
    const match = /^#clip=(\d+)&frame=(\d+)$/.exec(location.hash);
    if (!match) return null;
    const [clip, frame] = match.slice(1).map(Number);
    return clip < clips.length && frame < clips[clip].n_frames ? { clip, frame } : null;
  };

  let addressing = 0;
  viewer.go = (clip, frame) => {
    viewer.at = { clip, frame: Math.min(clips[clip].n_frames - 1, Math.max(0, frame)) };
    wanted = viewer.at;
    viewer.tell('moved');
    load();
    clearTimeout(addressing);
    // Browsers refuse addresses that change many times a second.
    addressing = setTimeout(() => {
      history.replaceState(history.state, '', address(viewer.at));
      vb.set('clip', viewer.at.clip);
      vb.set('frame', viewer.at.frame);
    }, 200);
  };

  const open = (clip, frame, pipeline) => {
    if (pipelines[pipeline]) viewer.pipeline = pipeline;
    if (!viewer.shown.has(viewer.pipeline)) {
      const few = [viewer.pipeline, pipelines.findIndex((one) => one.is_baseline)];
      const wantedAtOnce = pipelines.length > MOST_AT_ONCE ? few : pipelines.keys();
      viewer.shown = new Set([...wantedAtOnce].filter((one) => one >= 0));
    }
    if (!dialog.open) {
      dialog.showModal();
      stage.focus();
    }
    viewer.go(clip, frame);
  };

  // Closing goes back to where the viewer was opened from, which takes the browser a moment.
  let isLeaving = false;
  let opensNext = null;
  vb.openFrame = (clip, frame, { pipeline } = {}) => {
    if (isLeaving) {
      opensNext = () => vb.openFrame(clip, frame, { pipeline });
      return;
    }
    if (!dialog.open) history.pushState({ isViewer: true }, '', address({ clip, frame }));
    open(clip, frame, pipeline);
  };
  window.addEventListener('popstate', () => {
    isLeaving = false;
    const place = addressed();
    if (place) open(place.clip, place.frame);
    else if (dialog.open) dialog.close();
    if (opensNext) opensNext();
    opensNext = null;
  });
  dialog.addEventListener('close', () => {
    wanted = null;
    if (loading) loading.abort();
    clearTimeout(addressing);
    viewer.tell('closed');
    if (!addressed()) return;
    if (history.state && history.state.isViewer) {
      isLeaving = true;
      history.back();
    } else {
      history.replaceState(null, '', location.pathname + location.search);
    }
  });

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a.frame-link');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { clip, frame, pipeline } = link.dataset;
    vb.openFrame(Number(clip), Number(frame), { pipeline: pipeline && Number(pipeline) });
  });
  dialog.querySelector('.close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });

  vb.ready.then(() => {
    const place = addressed();
    if (place) open(place.clip, place.frame);
  });
})();
