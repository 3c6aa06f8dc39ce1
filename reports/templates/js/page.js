'use strict';
// The page is complete without its scripts: they only add. What they share hangs on `vb`.
(() => {
  const node = document.getElementById('vb-data');
  const listeners = new Map();
  window.vb = {
    data: node ? JSON.parse(node.textContent) : null,
    state: { score: null, slice: null, clip: null, frame: null },
    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, []);
      listeners.get(name).push(listener);
    },
    set(name, value) {
      vb.state[name] = value;
      (listeners.get(name) || []).forEach((listener) => listener(value));
    },
  };
})();

// The page is complete without this script: it only enlarges pictures, copies commands (a click
// selects them whole without it), opens all gates at once, marks the section that is being read,
// and opens everything for print.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const viewer = document.getElementById('viewer');
  const stage = viewer.querySelector('.stage');
  const figures = all('#worst figure');
  let current = 0;
  const show = (index) => {
    current = (index + figures.length) % figures.length;
    const copy = figures[current].cloneNode(true);
    copy.removeAttribute('id');
    all('[id]', copy).forEach((node) => node.removeAttribute('id'));
    const link = copy.querySelector('a');
    link.replaceWith(...link.childNodes);
    stage.replaceChildren(copy);
    if (!viewer.open) viewer.showModal();
  };
  figures.forEach((figure, index) => {
    figure.querySelector('a').addEventListener('click', (event) => {
      event.preventDefault();
      show(index);
    });
  });
  viewer.querySelector('.close').addEventListener('click', () => viewer.close());
  all('.step', viewer).forEach((button) => {
    button.addEventListener('click', () => show(current + Number(button.dataset.step)));
  });
  viewer.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) show(current + step);
  });
  viewer.addEventListener('click', (event) => {
    if (event.target === viewer) viewer.close();
  });
  viewer.addEventListener('close', () => figures[current].querySelector('a').focus());

  const toggle = document.getElementById('toggle-gates');
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener('click', () => {
      const gates = all('.gates .more > td > details');
      const open = gates.some((gate) => !gate.open);
      gates.forEach((gate) => { gate.open = open; });
      toggle.textContent = open ? 'Close all' : 'Open all';
    });
  }

  all('.copy').forEach((button) => {
    const code = button.parentElement.querySelector('code');
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    });
  });

  const links = new Map(all('nav a').map((link) => [link.hash.slice(1), link]));
  const mark = (id) => links.forEach((link, key) => {
    if (key === id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  const watcher = new IntersectionObserver((entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting);
    if (seen.length) mark(seen[0].target.id);
  }, { rootMargin: '-20% 0px -70% 0px' });
  all('main > [id]').forEach((section) => watcher.observe(section));

  window.addEventListener('beforeprint', () => {
    all('details').forEach((item) => { item.open = true; });
  });
})();
