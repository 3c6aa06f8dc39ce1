// Going from frame to frame in the frame viewer: by buttons, by number, by keys.
(() => {
  'use strict';
  const { viewer } = vb;
  if (!viewer) return;
  const { find, dialog } = viewer;
  const { clips, pipelines } = vb.data;

  viewer.when('moved', () => {
    const { clip: number, frame } = viewer.at;
    const clip = clips[number];
    const time = clip.fps ? ` · ${vb.clock(frame / clip.fps, 2)}` : '';
    const words = vb.element('span', {}, `\u00a0· frame ${vb.thousands(frame)}${time}`);
    find('title').replaceChildren(vb.name(clip.name), words);
    find('frame').value = frame;
    find('frame').max = clip.n_frames - 1;
    find('last').textContent = `of 0 to ${vb.thousands(clip.n_frames - 1)}`;
    dialog.querySelector('.viewer-facts').replaceChildren(...vb.frameFacts(number, frame));
  });

  // The next place from here on, clip by clip and around; `framesOf` gives what a clip has, sorted.
  const findNext = async (by, framesOf) => {
    const from = viewer.at;
    for (let away = 0; away <= clips.length; away += 1) {
      const clip = (from.clip + by * away + clips.length * clips.length) % clips.length;
      const frames = await framesOf(clip);
      const isAhead = (frame) => away > 0 || by * (frame - from.frame) > 0;
      const ahead = frames.filter(isAhead);
      if (ahead.length) return { clip, frame: by > 0 ? ahead[0] : ahead.at(-1) };
    }
    return null;
  };
  const framesWithErrors = async (clip) => {
    const { fp, fn } = await vb.counts(clip, viewer.pipeline);
    const found = [];
    fp.forEach((n, frame) => { if (n || fn[frame]) found.push(frame); });
    return found;
  };

  const goNext = async (by, framesOf, nothing) => {
    const from = viewer.at;
    const place = await findNext(by, framesOf);
    if (viewer.at !== from || !dialog.open) return;
    if (place && (place.clip !== from.clip || place.frame !== from.frame)) {
      viewer.go(place.clip, place.frame);
    } else {
      viewer.say(nothing);
    }
  };
  const steps = {
    frame: (by) => viewer.go(viewer.at.clip, viewer.at.frame + by),
    error: (by) => {
      const { name } = pipelines[viewer.pipeline];
      return goNext(by, framesWithErrors, `${name} has no other error.`);
    },
    picture: (by) => goNext(by, viewer.pictured, 'This file has no other picture.'),
  };
  vb.all('[data-go]', dialog).forEach((button) => {
    button.addEventListener('click', () => steps[button.dataset.go](Number(button.dataset.by)));
  });
  dialog.querySelector('[data-go="picture"]').hidden = viewer.isServed;
  find('frame').addEventListener('change', () => {
    const frame = find('frame').valueAsNumber;
    if (Number.isFinite(frame)) viewer.go(viewer.at.clip, Math.round(frame));
  });
  const zooms = { in: 1, out: -1, fit: 0 };
  vb.all('[data-zoom]', dialog).forEach((button) => {
    button.addEventListener('click', () => viewer.zoomBy(zooms[button.dataset.zoom]));
  });

  const nextLabels = () => {
    const choice = find('labels');
    choice.selectedIndex = (choice.selectedIndex + 1) % choice.length;
    choice.dispatchEvent(new Event('change', { bubbles: true }));
    viewer.say(`Labels ${choice.selectedOptions[0].text}`);
  };
  const keys = {
    ArrowLeft: ({ shiftKey }) => steps.frame(shiftKey ? -10 : -1),
    ArrowRight: ({ shiftKey }) => steps.frame(shiftKey ? 10 : 1),
    Home: () => viewer.go(viewer.at.clip, 0),
    End: () => viewer.go(viewer.at.clip, clips[viewer.at.clip].n_frames - 1),
    n: () => steps.error(1),
    p: () => steps.error(-1),
    o: () => { if (!viewer.isServed) steps.picture(1); },
    '+': () => viewer.zoomBy(1),
    '=': () => viewer.zoomBy(1),
    '-': () => viewer.zoomBy(-1),
    0: () => viewer.zoomBy(0),
    a: () => viewer.moveBy(-0.2, 0),
    d: () => viewer.moveBy(0.2, 0),
    w: () => viewer.moveBy(0, -0.2),
    s: () => viewer.moveBy(0, 0.2),
    x: () => viewer.nextTurn(),
    l: nextLabels,
  };
  // Controls that have their own use for keys keep them.
  const ownKeys = 'input:not([type="checkbox"]), select';
  dialog.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches(ownKeys)) return;
    event.preventDefault();
    act(event);
  });
})();
