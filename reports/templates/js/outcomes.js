// What became of the boxes of one frame. The matching is stored: at a score, the answers with at
// least that score count, and truth is found if one of them is matched with it.
(() => {
  'use strict';
  const NOT_COUNTED = -2;

  // Lowest score that counts for a class: the operating point, unless one score is chosen for all.
  vb.threshold = (clip, pipeline, cls) => (
    vb.state.score ?? vb.data.sets[vb.data.clips[clip].set].scores[pipeline][cls]
  );

  // Outcome per answer (hit, false, ignored, or null below the score) and per truth (found, missed,
  // ignored); null for a pipeline of which the page has no boxes.
  vb.outcomes = (record, clip, pipeline) => {
    const answers = record.answers[pipeline];
    if (!answers) return null;
    // Packed boxes are those at the operating point, with scores rounded down to hundredths.
    const isAtPoint = vb.state.score === null && !record.isComplete && !record.leftOut;
    const outcome = (answer) => {
      if (!isAtPoint && answer.score < vb.threshold(clip, pipeline, answer.cls)) return null;
      if (answer.truth === NOT_COUNTED) return 'ignored';
      if (answer.truth < 0) return 'false';
      return record.truth[answer.truth].counts ? 'hit' : 'ignored';
    };
    const found = new Set();
    const ofAnswers = answers.map((answer) => {
      const one = outcome(answer);
      if (one === 'hit') found.add(answer.truth);
      return one;
    });
    const ofTruth = record.truth.map((one, index) => {
      if (!one.counts) return 'ignored';
      return found.has(index) ? 'found' : 'missed';
    });
    return { answers: ofAnswers, truth: ofTruth };
  };

  // Boxes of one or more pipelines over one picture, errors last so that they lie on top. Truth that
  // some of the pipelines miss is missed; `by` says by which.
  vb.boxesOf = (record, clip, pipelines) => {
    const each = pipelines.map((pipeline) => [pipeline, vb.outcomes(record, clip, pipeline)])
      .filter(([, outcomes]) => outcomes);
    const boxes = record.truth.map((truth, index) => {
      const by = each.filter(([, outcomes]) => outcomes.truth[index] === 'missed')
        .map(([pipeline]) => pipeline);
      const kind = truth.counts ? 'found' : 'ignored';
      return { kind: by.length ? 'missed' : kind, box: truth, by, score: null };
    });
    each.forEach(([pipeline, outcomes]) => {
      record.answers[pipeline].forEach((answer, index) => {
        const kind = outcomes.answers[index];
        if (kind) boxes.push({ kind, box: answer, by: [pipeline], score: answer.score });
      });
    });
    const order = ['ignored', 'found', 'hit', 'false', 'missed'];
    return boxes.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  };

  // Objects found and missed and false alarms of one frame, of the classes that are shown.
  vb.countsOf = (record, clip, pipeline, isShown) => {
    const outcomes = vb.outcomes(record, clip, pipeline);
    if (!outcomes) return null;
    const count = (kinds, boxes, kind) => (
      kinds.filter((one, index) => one === kind && isShown(boxes[index].cls)).length
    );
    return {
      tp: count(outcomes.truth, record.truth, 'found'),
      fn: count(outcomes.truth, record.truth, 'missed'),
      fp: count(outcomes.answers, record.answers[pipeline], 'false'),
    };
  };
})();
