// What is known of a frame besides its boxes, and its boxes in words.
(() => {
  'use strict';
  const NEAR_S = 0.5;
  const KINDS = {
    found: '✓ truth, found', missed: '! truth, missed', ignored: 'not counted',
    hit: 'answer that found it', false: '✕ false alarm',
  };
  const within = ([first, last], frame) => first <= frame && frame <= last;
  const pipelineName = (number) => vb.name(vb.data.pipelines[number].name);

  const happenings = (clip, frame) => {
    const nearFrames = Math.max(1, NEAR_S * (clip.fps || 0));
    const found = [];
    if (!clip.annotated.some(([first, end]) => first <= frame && frame < end)) {
      found.push(['Not annotated: nothing on this frame counts.']);
    }
    clip.events.forEach((event, index) => {
      if (!within([event.first, event.last], frame)) return;
      const missed = clip.missed_events.flatMap((events, number) => (
        events.includes(index) ? [' · missed by ', pipelineName(number)] : []
      ));
      found.push(['Event: ', vb.name(event.text), ...missed]);
    });
    clip.alerts.forEach((alerts, number) => alerts.forEach((alert) => {
      if (Math.abs(alert.frame - frame) > nearFrames) return;
      const away = alert.frame === frame ? '' : ` at frame ${vb.thousands(alert.frame)}`;
      const word = { raised: 'Alert', duplicate: 'Second alert', false: 'False alert' }[alert.outcome];
      found.push([`${word} of `, pipelineName(number), ': ', vb.name(alert.text), away]);
    }));
    clip.late.forEach((frames, number) => {
      if (frames.includes(frame)) {
        found.push([pipelineName(number), ' took longer than the time between two frames.']);
      }
    });
    clip.stretches.forEach((stretches, number) => {
      if (stretches.some((stretch) => within(stretch, frame))) {
        found.push(['In a stretch that carries the loss of a gate of ', pipelineName(number), '.']);
      }
    });
    return found;
  };

  // Rows of a <dl>.
  vb.frameFacts = (number, frame) => {
    const clip = vb.data.clips[number];
    const row = (title, ...content) => vb.element(
      'div', {}, vb.element('dt', {}, title), vb.element('dd', {}, ...content),
    );
    const rows = [];
    if (vb.data.sets.length > 1) rows.push(row('Golden set', vb.name(vb.data.sets[clip.set].name)));
    const tags = clip.tags.flatMap(([key, value], index) => (
      [index ? ', ' : '', vb.name(`${key}=${value}`)]
    ));
    if (tags.length) rows.push(row('Tags', ...tags));
    rows.push(row('Frame', `${vb.thousands(clip.width_px)} × ${vb.thousands(clip.height_px)} px`));
    const found = happenings(clip, frame);
    if (found.length) {
      const items = found.map((parts) => vb.element('li', {}, ...parts));
      rows.push(row('At this moment', vb.element('ul', {}, ...items)));
    }
    return rows;
  };

  // The boxes that are shown as a table, for those who do not see the picture.
  vb.boxTable = (boxes, classes) => {
    if (!boxes.length) return vb.element('p', { class: 'note' }, 'No boxes are shown.');
    const cells = ['Box', 'Class', 'Score', 'Pipeline', 'Left, top, right, bottom (px)'];
    const head = vb.element('tr', {}, ...cells.map((text) => vb.element('th', { scope: 'col' }, text)));
    const rows = boxes.map(({ kind, box, by, score }) => vb.element(
      'tr', {},
      vb.element('td', {}, KINDS[kind]),
      vb.element('td', {}, vb.name(classes[box.cls])),
      vb.element('td', {}, score === null ? '' : score.toFixed(2)),
      vb.element('td', {}, ...by.flatMap((number, k) => [k ? ', ' : '', pipelineName(number)])),
      vb.element('td', {}, [box.x1, box.y1, box.x2, box.y2].map((value) => value.toFixed(1)).join(', ')),
    ));
    return vb.element(
      'table', { class: 'small' }, vb.element('thead', {}, head), vb.element('tbody', {}, ...rows),
    );
  };
})();
