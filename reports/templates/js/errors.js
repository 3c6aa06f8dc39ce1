(() => {
  'use strict';

  // A number of a confusion matrix opens its example frames below the matrix. Without this script
  // it leads to them in the list that follows.
  const keyOf = (link) => decodeURIComponent(link.hash.slice(1));
  let open = null; // { link, panel }

  const close = (returnFocus) => {
    if (!open) return;
    const { link, panel } = open;
    open = null;
    panel.remove();
    link.setAttribute('aria-expanded', 'false');
    if (returnFocus) link.focus();
  };

  const show = (link, takeFocus) => {
    const examples = document.getElementById(keyOf(link));
    const matrix = link.closest('.confusion');
    close(false);
    const panel = vb.element('div', {
      class: 'example-panel', role: 'region', tabindex: '-1', 'aria-label': 'Example frames',
    });
    const shut = vb.element('button', { type: 'button', 'aria-label': 'Close' }, '✕');
    shut.addEventListener('click', () => close(true));
    panel.append(...examples.cloneNode(true).childNodes, shut);
    panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close(true);
    });
    matrix.querySelector('.scroll').after(panel);
    link.setAttribute('aria-expanded', 'true');
    open = { link, panel };
    if (takeFocus) panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: 'nearest' });
  };

  const cells = new Map(vb.all('.matrix td a').map((link) => [keyOf(link), link]));
  cells.forEach((link) => {
    link.setAttribute('role', 'button');
    link.setAttribute('aria-expanded', 'false');
    link.addEventListener('click', (event) => {
      event.preventDefault();
      if (open && open.link === link) close(true);
      else show(link, true);
    });
    link.addEventListener('keydown', (event) => {
      if (event.key !== ' ') return;
      event.preventDefault();
      link.click();
    });
  });

  // An address that names a cell opens it, as it would without this script.
  const fromAddress = () => {
    const link = cells.get(decodeURIComponent(location.hash.slice(1)));
    if (link) show(link, false);
  };
  window.addEventListener('hashchange', fromAddress);
  fromAddress();

  // Probable label errors as a file for annotation tools: the same as
  // `vbench report RUN --format label-errors` writes (src/vbench/report/errors/export.py).
  const coco = (file) => ({
    info: { description: file.description },
    licenses: [],
    categories: file.categories.map((name, k) => ({ id: k + 1, name, supercategory: '' })),
    images: file.images.map(([clip, frame], k) => {
      const [name, width, height] = file.clips[clip];
      const number = String(frame).padStart(6, '0');
      return {
        id: k + 1, file_name: `${name}/${number}.jpg`, width, height, clip: name, frame_index: frame,
      };
    }),
    annotations: file.annotations.map(([image, category, kind, truth, x, y, w, h, score], k) => ({
      id: k + 1,
      image_id: image + 1,
      category_id: category + 1,
      bbox: [x, y, w, h],
      area: w * h,
      iscrowd: 0,
      segmentation: [],
      score,
      attributes: {
        problem: file.kinds[kind],
        truth_class: truth < 0 ? '' : file.categories[truth],
        n_pipelines: file.n_pipelines,
      },
    })),
  });

  const button = document.getElementById('label-errors-download');
  const source = document.getElementById('vb-label-errors');
  if (button && source) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const text = JSON.stringify(coco(JSON.parse(source.textContent)), null, 1);
      const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
      const link = vb.element('a', { href: url, download: 'label-errors.json' });
      link.click();
      // The download has its own hold on the text once it has begun.
      setTimeout(() => URL.revokeObjectURL(url), 10000);
      vb.say('label-errors.json is being saved.');
    });
  }
})();
