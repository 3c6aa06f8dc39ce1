// What this page knows frame by frame and score by score: vb.counts, vb.frame, vb.countsAt.
// Arrays are packed (see report/page_data/contract.py); each is unpacked once, when asked for.
(() => {
  'use strict';
  if (!vb.data) return;

  const TYPES = {
    u1: Uint8Array, u2: Uint16Array, i2: Int16Array, i4: Int32Array, f4: Float32Array,
  };
  const STEPS_PER_PX = 2;
  const STEPS_PER_SCORE = 100;
  const N_THRESHOLDS = 101;
  const NO_PICTURE = 'This file holds no picture of this frame. '
    + '“vbench view” with the run folder shows every frame.';

  // What cannot be read is said on the page, once for each reason, and again to whoever asked.
  const said = new Set();
  const fail = (what, error) => {
    const reason = `${what}: ${error.message}`;
    if (!said.has(reason)) {
      said.add(reason);
      const note = document.createElement('p');
      note.className = 'note';
      note.setAttribute('role', 'alert');
      note.textContent = `A part of this page cannot be shown. ${reason}`;
      document.querySelector('main').prepend(note);
    }
    throw new Error(reason);
  };

  const asked = new Map();
  const once = (key, what, make) => {
    if (!asked.has(key)) asked.set(key, make().catch((error) => fail(what, error)));
    return asked.get(key);
  };

  const unpack = async ({ t, n, z }) => {
    if (!('DecompressionStream' in window)) throw new Error('this browser is too old to unpack it');
    const text = atob(z);
    const deflated = new Uint8Array(text.length);
    for (let k = 0; k < text.length; k += 1) deflated[k] = text.charCodeAt(k);
    const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate'));
    const planes = new Uint8Array(await new Response(stream).arrayBuffer());
    const size = TYPES[t].BYTES_PER_ELEMENT;
    if (planes.length !== n * size) throw new Error(`${planes.length} bytes, not ${n * size}`);
    if (size === 1) return planes;
    const bytes = new Uint8Array(planes.length);
    for (let plane = 0; plane < size; plane += 1) {
      for (let k = 0; k < n; k += 1) bytes[k * size + plane] = planes[plane * n + k];
    }
    return new TYPES[t](bytes.buffer);
  };

  // Found, false and missed in each frame of a clip; 255 stands for that many and more.
  vb.counts = (clip, pipeline) => once(`counts ${clip} ${pipeline}`, 'Counts per frame', async () => {
    const { counts, n_frames: n } = vb.data.clips[clip];
    const all = await unpack(counts[pipeline]);
    return { tp: all.subarray(0, n), fp: all.subarray(n, 2 * n), fn: all.subarray(2 * n) };
  });

  // A table of boxes: where each frame's rows begin, and columns; see report/page_data/boxes.py.
  // Boxes are stored as what is added to the box that `otherOf` names, to zeros where it names none.
  const boxTable = async (packed, nFrames, otherOf) => {
    const values = await unpack(packed);
    const starts = new Int32Array(nFrames + 1);
    for (let k = 0; k < nFrames; k += 1) starts[k + 1] = starts[k] + values[k];
    const n = starts[nFrames];
    const column = (k) => values.subarray(nFrames + k * n, nFrames + (k + 1) * n);
    const table = { starts, boxes: new Int32Array(4 * n), columns: [column(4), column(5), column(6)] };
    for (let frame = 0; frame < nFrames; frame += 1) {
      for (let row = starts[frame]; row < starts[frame + 1]; row += 1) {
        const [boxes, other] = otherOf(table, row, frame);
        for (let side = 0; side < 4; side += 1) {
          const added = values[nFrames + side * n + row];
          const signed = added % 2 ? -(added + 1) / 2 : added / 2;
          table.boxes[4 * row + side] = signed + (other < 0 ? 0 : boxes[4 * other + side]);
        }
      }
    }
    return table;
  };
  const truthTable = (clip) => once(`truth ${clip}`, 'Boxes of the truth', () => {
    const { truth, n_frames: n } = vb.data.clips[clip];
    const last = new Map();
    return boxTable(truth, n, ({ boxes, columns: [cls, , track] }, row) => {
      if (!track[row]) return [boxes, -1];
      const key = cls[row] * 2 ** 32 + track[row];
      const before = last.has(key) ? last.get(key) : -1;
      last.set(key, row);
      return [boxes, before];
    });
  });
  const answerTable = (clip, pipeline) => once(`answers ${clip} ${pipeline}`, 'Boxes', async () => {
    const { answers, n_frames: n } = vb.data.clips[clip];
    const { starts, boxes } = await truthTable(clip);
    return boxTable(answers[pipeline], n, ({ columns: [, , truth] }, row, frame) => (
      [boxes, truth[row] ? starts[frame] + truth[row] - 1 : -1]
    ));
  });
  const rowsOf = ({ starts, boxes, columns }, frame) => {
    const rows = [];
    for (let row = starts[frame]; row < starts[frame + 1]; row += 1) {
      const box = Array.from(boxes.subarray(4 * row, 4 * row + 4), (side) => side / STEPS_PER_PX);
      rows.push([...box, ...columns.map((column) => column[row])]);
    }
    return rows;
  };

  const truthBox = ([x1, y1, x2, y2, cls, counts, track]) => (
    { x1, y1, x2, y2, cls, counts: Boolean(counts), track }
  );
  const answerBox = ([x1, y1, x2, y2, cls, score, truth]) => (
    { x1, y1, x2, y2, cls, score, truth }
  );

  const fromRecord = (record, image, problem) => {
    const leftOut = record.left_out.reduce((sum, n) => sum + n, 0);
    return {
      image,
      problem: image ? '' : problem,
      truth: record.truth.map(truthBox),
      answers: record.answers.map((rows) => rows.map(answerBox)),
      isComplete: leftOut === 0,
      leftOut,
    };
  };

  const fromTables = async (clip, frame) => {
    const { set, answers } = vb.data.clips[clip];
    const [ofTruth, ...found] = await Promise.all([
      truthTable(clip), ...answers.map((_, pipeline) => answerTable(clip, pipeline)),
    ]);
    const answered = (pipeline) => (row) => {
      const box = answerBox(row);
      // Rounded down; but every box of these tables is at the operating point.
      const operating = vb.data.sets[set].scores[pipeline][box.cls];
      box.score = Math.max(box.score / STEPS_PER_SCORE, operating);
      box.truth -= 1;
      return box;
    };
    return {
      image: null,
      problem: NO_PICTURE,
      truth: rowsOf(ofTruth, frame).map((row) => {
        const box = truthBox(row);
        box.track -= 1;
        return box;
      }),
      answers: found.map((table, pipeline) => rowsOf(table, frame).map(answered(pipeline))),
      isComplete: false,
      leftOut: 0,
    };
  };

  const fromServer = async (clip, frame, signal) => {
    const place = `${vb.data.server}frames/${clip}/${frame}`;
    const answer = await fetch(`${place}.json`, { signal });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}; is vbench view running?`);
    const record = await answer.json();
    return fromRecord(record, record.image, record.problem);
  };

  const kept = new Map(vb.data.frames.map((record) => [`${record.clip} ${record.frame}`, record]));

  // All that is known of a frame; null where that is nothing. A fetch ends early by `signal`.
  vb.frame = async (clip, frame, { signal } = {}) => {
    const ofClip = vb.data.clips[clip];
    if (!ofClip || !(frame >= 0 && frame < ofClip.n_frames)) return null;
    if (vb.data.server !== null) return fromServer(clip, frame, signal);
    const record = kept.get(`${clip} ${frame}`);
    if (record) {
      const image = record.image && document.getElementById(record.image);
      return fromRecord(record, image ? image.getAttribute('href') : null, NO_PICTURE);
    }
    return ofClip.truth ? fromTables(clip, frame) : null;
  };

  // Found, false and missed of a whole golden set at a score (two decimals; null: the operating
  // points) as `vbench score RUN --score` counts them; cls null: all classes together. False alarms
  // are null where the class is annotated exhaustively nowhere.
  vb.countsAt = async (set, pipeline, cls, score) => {
    const curve = vb.data.curves[set][pipeline];
    const row = cls === null ? 0 : cls + 1;
    if (score === null) {
      const [tp, fp, fn] = curve.at_point.map((counts) => counts[row]);
      return { tp, fp: curve.known[row] ? fp : null, fn };
    }
    const [found, wrong] = await once(`curve ${set} ${pipeline}`, 'Counts per score', () => (
      Promise.all([unpack(curve.tp), unpack(curve.fp)])
    ));
    const at = row * N_THRESHOLDS + Math.round(score * STEPS_PER_SCORE);
    const tp = found[at];
    return { tp, fp: curve.known[row] ? wrong[at] : null, fn: curve.n_truth[row] - tp };
  };
})();
