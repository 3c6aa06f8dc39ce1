// What a clip's timeline shows: counts of its pipelines, and words about a frame.
(() => {
  'use strict';
  const drawing = vb.timelineDrawing;
  const SNAP_PX = 3;

  // Counts of a clip's first `n` pipelines, ready to be drawn.
  const read = async (clipNumber, n) => {
    const clip = vb.data.clips[clipNumber];
    const rows = [];
    for (let pipeline = 0; pipeline < n; pipeline += 1) {
      // One at a time: each is a task of its own, and the page stays fluent between them.
      const { tp, fp, fn } = await vb.counts(clipNumber, pipeline);
      rows.push({
        found: drawing.pyramid(tp),
        missed: drawing.pyramid(fn),
        false: drawing.pyramid(fp),
        late: drawing.marked(clip.late[pipeline], clip.n_frames),
        alerts: clip.alerts[pipeline],
        missedEvents: clip.missed_events[pipeline],
        stretches: clip.stretches[pipeline],
      });
    }
    const nAnnotated = clip.annotated.reduce((sum, [first, end]) => sum + end - first, 0);
    const bands = rows.flatMap((row) => [row.found, row.missed, row.false]);
    return {
      clip,
      rows,
      annotated: nAnnotated < clip.n_frames
        ? drawing.stretched(clip.annotated, clip.n_frames) : null,
      tallest: Math.max(1, ...bands.map((band) => band.max(0, clip.n_frames))),
      layout: drawing.layout(clip, rows),
    };
  };

  const countsAt = (row, frame) => {
    const [found, missed, wrong] = [row.found, row.missed, row.false]
      .map((counts) => vb.thousands(counts.values[frame]));
    return `${found} found, ${missed} missed, ${wrong} false`;
  };
  const errorsAt = (row, frame) => row.missed.values[frame] + row.false.values[frame];

  // What there is to say about a frame besides the counts of its pipelines.
  const frameFacts = (model, row, frame) => {
    const { clip } = model;
    const facts = [`frame ${vb.thousands(frame)}`];
    if (clip.fps > 0) facts.push(vb.clock(frame / clip.fps, 2));
    if (model.annotated && !model.annotated.values[frame]) facts.push('not annotated');
    if (row.late && row.late.values[frame]) facts.push('late');
    clip.events.forEach((event, number) => {
      if (event.first > frame || event.last < frame) return;
      facts.push(`event: ${event.text}${row.missedEvents.includes(number) ? ' (missed)' : ''}`);
    });
    row.alerts.filter((alert) => alert.frame === frame).forEach((alert) => {
      facts.push(`alert: ${alert.text} (${alert.outcome})`);
    });
    return facts.join(' · ');
  };

  // The frame meant by a place: of the frames under the pointer, the one with most errors.
  const frameNear = (view, row, x, width) => {
    const perPixel = view.span / width;
    const at = Math.min(view.nFrames - 1, Math.max(0, Math.floor(view.first + x * perPixel)));
    if (perPixel < 1) return at;
    const reach = Math.floor(SNAP_PX * perPixel);
    let best = at;
    for (let step = 1; step <= reach; step += 1) {
      [at - step, at + step].forEach((frame) => {
        const isInside = frame >= 0 && frame < view.nFrames;
        if (isInside && errorsAt(row, frame) > errorsAt(row, best)) best = frame;
      });
    }
    return best;
  };

  vb.timelineModel = { read, countsAt, errorsAt, frameFacts, frameNear };
})();
