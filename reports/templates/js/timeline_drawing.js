// Drawing one clip's timeline: the rows of its pipelines over one axis of frames, at any zoom.
// Lengths are CSS pixels; columns lie on device pixels, so that edges are sharp.
(() => {
  'use strict';
  const FACTOR = 4;
  const BAND = 16;
  const BAND_STEP = 18;
  const MIN_BAR = 3;
  const TITLE = 22;
  const LANE = 17;
  const LATE = 9;
  const AXIS = 34;
  const ROW_GAP = 8;

  // Highest value and sum of any stretch in a few steps, however long it is.
  const pyramid = (values) => {
    const levels = [values];
    while (levels.at(-1).length > FACTOR) {
      const below = levels.at(-1);
      const level = new Uint8Array(Math.ceil(below.length / FACTOR));
      for (let k = 0; k < below.length; k += 1) {
        const at = Math.floor(k / FACTOR);
        if (below[k] > level[at]) level[at] = below[k];
      }
      levels.push(level);
    }
    const sums = new Uint32Array(values.length + 1);
    for (let k = 0; k < values.length; k += 1) sums[k + 1] = sums[k] + values[k];
    return {
      values,
      total: sums[values.length],
      mean: (first, end) => (sums[end] - sums[first]) / (end - first),
      max(first, end) {
        let highest = 0;
        for (let at = first; at < end;) {
          let level = 0;
          let size = 1;
          while (level + 1 < levels.length && at % (size * FACTOR) === 0
              && at + size * FACTOR <= end) {
            level += 1;
            size *= FACTOR;
          }
          highest = Math.max(highest, levels[level][at / size]);
          at += size;
        }
        return highest;
      },
    };
  };

  // Frames as 1 in zeros; null for none.
  const marked = (frames, nFrames) => {
    if (!frames.length) return null;
    const values = new Uint8Array(nFrames);
    frames.forEach((frame) => { if (frame < nFrames) values[frame] = 1; });
    return pyramid(values);
  };

  const stretched = (stretches, nFrames) => {
    const values = new Uint8Array(nFrames);
    stretches.forEach(([first, end]) => values.fill(1, first, end));
    return pyramid(values);
  };

  // Events that overlap lie in lanes of their own, three at most.
  const eventLanes = (events) => {
    const ends = [];
    return events.map((event) => {
      let lane = ends.findIndex((end) => end < event.first);
      if (lane < 0) lane = Math.min(ends.length, 2);
      ends[lane] = Math.max(ends[lane] || 0, event.last);
      return lane;
    });
  };

  // First frame of the event that follows in the same lane, null for the last.
  const nextInLane = (events, lanes) => {
    const following = [null, null, null];
    return events.map((_, k) => events.length - 1 - k).map((k) => {
      const next = following[lanes[k]];
      following[lanes[k]] = events[k].first;
      return next;
    }).reverse();
  };

  // Where each part of a clip's timeline lies, from its top.
  const layout = (clip, rows) => {
    const lanes = eventLanes(clip.events);
    const eventsHeight = clip.events.length ? (Math.max(...lanes) + 1) * LANE + 4 : 0;
    const hasAlerts = rows.some((row) => row.alerts.length || row.missedEvents.length);
    const hasLate = rows.some((row) => row.late);
    let top = eventsHeight;
    const placed = rows.map(() => {
      const row = { top, alerts: hasAlerts ? top + TITLE : null };
      row.bands = top + TITLE + (hasAlerts ? LANE : 0);
      row.late = hasLate ? row.bands + 3 * BAND_STEP : null;
      row.end = row.bands + 3 * BAND_STEP + (hasLate ? LATE : 0);
      top = row.end + ROW_GAP;
      return row;
    });
    const axis = top - ROW_GAP;
    const next = nextInLane(clip.events, lanes);
    return { lanes, nextInLane: next, rows: placed, axis, height: axis + AXIS };
  };

  // Columns on device pixels: left edges and first frames, one more than columns of each.
  const columns = (view, width, ratio) => {
    const nPixels = Math.round(width * ratio);
    const perPixel = view.span / nPixels;
    const edges = [];
    const frames = [];
    if (perPixel >= 1) {
      for (let x = 0; x <= nPixels; x += 1) {
        edges.push(x / ratio);
        frames.push(Math.min(view.nFrames, Math.floor(view.first + x * perPixel)));
      }
    } else {
      const end = Math.min(view.nFrames, Math.ceil(view.first + view.span));
      for (let frame = Math.floor(view.first); frame <= end; frame += 1) {
        edges.push(Math.round((frame - view.first) / perPixel) / ratio);
        frames.push(frame);
      }
    }
    return { edges, frames, gap: 1 / perPixel / ratio >= 6 ? 1 : 0 };
  };

  // Runs of columns with one height are one rectangle: most of a strip is.
  const bars = (context, cut, floor, height) => {
    let from = 0;
    let last = height(cut.frames[0], cut.frames[1]);
    const n = cut.edges.length - 1;
    for (let k = 1; k <= n; k += 1) {
      const next = k < n ? height(cut.frames[k], cut.frames[k + 1]) : -1;
      if (next === last && !cut.gap) continue;
      if (last > 0) {
        const x = cut.edges[from];
        context.fillRect(x, floor - last, cut.edges[k] - x - cut.gap, last);
      }
      from = k;
      last = next;
    }
  };

  // The highest count of a column pale, its mean solid: rare and constant errors look different.
  const band = (context, cut, floor, counts, tallest, colour) => {
    if (!counts.total) return;
    const scaled = (value) => Math.max(MIN_BAR, Math.round(2 * value * BAND / tallest) / 2);
    context.fillStyle = colour;
    context.globalAlpha = 0.45;
    bars(context, cut, floor, (first, end) => {
      const value = end > first ? counts.max(first, end) : 0;
      return value ? scaled(value) : 0;
    });
    context.globalAlpha = 1;
    bars(context, cut, floor, (first, end) => {
      const value = end > first ? counts.mean(first, end) : 0;
      return value ? scaled(value) : 0;
    });
  };

  const hatch = (colour) => {
    const tile = document.createElement('canvas');
    tile.width = 8;
    tile.height = 8;
    const drawing = tile.getContext('2d');
    drawing.strokeStyle = colour;
    drawing.lineWidth = 1;
    [[-2, 2, 2, -2], [0, 8, 8, 0], [6, 10, 10, 6]].forEach(([x1, y1, x2, y2]) => {
      drawing.moveTo(x1, y1);
      drawing.lineTo(x2, y2);
    });
    drawing.stroke();
    return drawing.createPattern(tile, 'repeat');
  };

  const drawEvents = (context, clip, { lanes, nextInLane }, x, theme) => {
    clip.events.forEach((event, k) => {
      const left = x(event.first);
      const width = Math.max(3, x(event.last + 1) - left);
      const top = lanes[k] * LANE;
      context.globalAlpha = 0.2;
      context.fillStyle = theme.accent;
      context.fillRect(left, top, width, LANE - 3);
      context.globalAlpha = 1;
      context.fillRect(left, top, 2, LANE - 3);
      // The words go on to the next event of the lane.
      const start = Math.max(left, 0) + 6;
      const next = nextInLane[k];
      const room = Math.min(next === null ? theme.width : x(next) - 4, theme.width) - start;
      if (room < 18 || left + width < 0) return;
      context.save();
      context.beginPath();
      context.rect(start, top, room, LANE);
      context.clip();
      context.fillStyle = theme.ink;
      context.fillText(event.text, start, top + LANE - 7);
      context.restore();
    });
  };

  // Outcomes differ by shape: ● raised, ◐ again, ✕ false, an empty frame for what was missed.
  const drawAlerts = (context, clip, row, top, x, theme) => {
    const middle = top + LANE / 2 - 1;
    row.missedEvents.forEach((number) => {
      const event = clip.events[number];
      const left = x(event.first);
      context.strokeStyle = theme.missed;
      context.setLineDash([4, 3]);
      context.lineWidth = 1.5;
      context.strokeRect(left, top + 2, Math.max(6, x(event.last + 1) - left), LANE - 6);
      context.setLineDash([]);
    });
    row.alerts.forEach((alert) => {
      const centre = x(alert.frame + 0.5);
      context.lineWidth = 1.5;
      context.beginPath();
      if (alert.outcome === 'false') {
        context.strokeStyle = theme.false;
        context.moveTo(centre - 4, middle - 4);
        context.lineTo(centre + 4, middle + 4);
        context.moveTo(centre + 4, middle - 4);
        context.lineTo(centre - 4, middle + 4);
        context.stroke();
        return;
      }
      context.strokeStyle = theme.ink;
      context.fillStyle = alert.outcome === 'raised' ? theme.good : theme.ink;
      context.arc(centre, middle, 4.5, 0, 2 * Math.PI);
      context.stroke();
      context.beginPath();
      const whole = alert.outcome === 'raised';
      const turn = Math.PI / 2;
      context.arc(centre, middle, 4.5, whole ? 0 : turn, whole ? 4 * turn : 3 * turn);
      context.fill();
    });
  };

  const drawRow = (context, model, row, place, cut, x, theme) => {
    const { width } = theme;
    const bandsHeight = 3 * BAND_STEP - 2;
    context.fillStyle = theme.sunken;
    context.fillRect(0, place.bands, width, bandsHeight);
    if (model.annotated) {
      context.fillStyle = theme.hatch;
      bars(context, { ...cut, gap: 0 }, place.bands + bandsHeight,
        (first, end) => (end > first && !model.annotated.max(first, end) ? bandsHeight : 0));
    }
    row.stretches.forEach(([first, last]) => {
      const left = x(first);
      const size = Math.max(2, x(last + 1) - left);
      context.fillStyle = theme.badBg;
      context.fillRect(left, place.bands, size, bandsHeight);
      context.fillStyle = theme.bad;
      context.globalAlpha = 0.6;
      context.fillRect(left, place.bands, 1, bandsHeight);
      context.fillRect(left + size - 1, place.bands, 1, bandsHeight);
      context.globalAlpha = 1;
    });
    ['found', 'missed', 'false'].forEach((outcome, k) => {
      const floor = place.bands + k * BAND_STEP + BAND;
      band(context, cut, floor, row[outcome], model.tallest, theme[outcome]);
      context.fillStyle = theme.line;
      context.fillRect(0, floor, width, 1);
    });
    if (place.alerts !== null) drawAlerts(context, model.clip, row, place.alerts, x, theme);
    if (row.late) {
      context.fillStyle = theme.muted;
      bars(context, cut, place.late + 6, (first, end) => (
        end > first && row.late.max(first, end) ? 6 : 0));
    }
  };

  const FRAME_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];
  const SECOND_STEPS = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800,
  ];

  // Round times where frames have a rate, else round frames: {frame, time, number} per tick.
  const ticks = (clip, view, width) => {
    const room = 84 * view.span / width;
    const timed = clip.fps > 0;
    const inFrames = FRAME_STEPS.filter((step) => !timed || step < clip.fps);
    const small = inFrames.find((step) => step >= room);
    const seconds = timed && !small
      ? SECOND_STEPS.find((step) => step * clip.fps >= room) || 86400 : 0;
    const round = 10 ** Math.max(0, Math.ceil(Math.log10(room)));
    const step = small || (seconds ? seconds * clip.fps : round);
    const made = [];
    for (let k = Math.ceil(view.first / step - 1e-9); k * step < view.first + view.span; k += 1) {
      const frame = Math.max(0, Math.round(k * step));
      const time = timed ? vb.clock(frame / clip.fps, seconds ? 0 : 2) : '';
      made.push({ frame, time, number: vb.thousands(frame) });
    }
    return made;
  };

  const drawAxis = (context, model, view, top, x, theme) => {
    context.fillStyle = theme.muted;
    ticks(model.clip, view, theme.width).forEach((tick) => {
      const at = Math.round(x(tick.frame)) + 0.5;
      context.globalAlpha = 0.5;
      context.fillRect(at - 0.5, top, 1, AXIS - 4);
      context.globalAlpha = 1;
      // No half words at the edge.
      if (at + 4 + context.measureText(tick.time).width > theme.width) return;
      context.fillText(tick.time, at + 4, top + 12);
      context.fillText(tick.number, at + 4, top + 26);
    });
  };

  // The whole of one clip's part of the page, from `view.first` on for `view.span` frames.
  const draw = (canvas, model, view, theme) => {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = model.layout.height;
    const wanted = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wanted[0]) [canvas.width] = wanted;
    if (canvas.height !== wanted[1]) [, canvas.height] = wanted;
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = theme.font;
    const colours = { ...theme, width };
    const x = (frame) => (frame - view.first) * width / view.span;
    const cut = columns(view, width, ratio);
    drawEvents(context, model.clip, model.layout, x, colours);
    model.rows.forEach((row, k) => {
      drawRow(context, model, row, model.layout.rows[k], cut, x, colours);
    });
    drawAxis(context, model, view, model.layout.axis, x, colours);
  };

  // The whole clip small, its errors alone: missed above, false alarms below.
  const overviewPicture = (model, width, height, ratio, theme) => {
    const picture = document.createElement('canvas');
    picture.width = Math.round(width * ratio);
    picture.height = Math.round(height * ratio);
    const context = picture.getContext('2d');
    context.scale(ratio, ratio);
    context.fillStyle = theme.sunken;
    context.fillRect(0, 0, width, height);
    const nFrames = model.clip.n_frames;
    const cut = columns({ first: 0, span: nFrames, nFrames }, width, ratio);
    ['missed', 'false'].forEach((outcome, k) => {
      context.fillStyle = theme[outcome];
      bars(context, { ...cut, gap: 0 }, (height / 2) * (k + 1), (first, end) => (
        model.rows.some((row) => row[outcome].max(first, end)) ? height / 2 - 1 : 0));
    });
    return picture;
  };

  // That picture with a window around what is shown above.
  const drawOverview = (canvas, picture, view, theme) => {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    context.scale(ratio, ratio);
    const left = view.first * width / view.nFrames;
    const size = Math.max(4, view.span * width / view.nFrames);
    context.fillStyle = theme.accent;
    context.globalAlpha = 0.25;
    context.fillRect(left, 0, size, height);
    context.globalAlpha = 1;
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.strokeRect(left + 1, 1, size - 2, height - 2);
  };

  // Colours as the style sheet has them now; asked again when the theme changes.
  const theme = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      ink: colour('ink'), muted: colour('muted'), line: colour('line'), sunken: colour('sunken'),
      accent: colour('accent'), good: colour('good'), bad: colour('bad'), badBg: colour('bad-bg'),
      found: colour('found'), missed: colour('missed'), false: colour('false'),
      hatch: hatch(colour('muted')), font: `11.5px ${getComputedStyle(document.body).fontFamily}`,
    };
  };

  vb.timelineDrawing = {
    pyramid, marked, stretched, layout, draw, overviewPicture, drawOverview, theme, BAND_STEP,
  };
})();
