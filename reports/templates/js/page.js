'use strict';
// The page is complete without its scripts: they only add. What they share hangs on `vb`.
(() => {
  const node = document.getElementById('vb-data');
  const listeners = new Map();
  const live = document.createElement('p');
  live.className = 'hidden';
  live.setAttribute('aria-live', 'polite');
  document.body.append(live);
  document.documentElement.classList.add('scripts');

  window.vb = {
    data: node ? JSON.parse(node.textContent) : null,
    state: { score: null, slice: null, clip: null, frame: null },
    // Kept when every script of the page has run.
    ready: new Promise((resolve) => {
      document.addEventListener('DOMContentLoaded', resolve, { once: true });
    }),

    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, []);
      listeners.get(name).push(listener);
    },
    set(name, value) {
      vb.state[name] = value;
      (listeners.get(name) || []).forEach((listener) => listener(value));
    },

    all: (selector, root = document) => [...root.querySelectorAll(selector)],
    // An element; names of users only ever become attribute values or text.
    element(tag, attributes = {}, ...children) {
      const made = document.createElement(tag);
      Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
      made.append(...children);
      return made;
    },
    name: (text) => vb.element('bdi', { class: 'name' }, text),
    // Said to those who do not see the change.
    say(text) { live.textContent = text; },

    thousands: (n) => Math.round(n).toLocaleString('en-US'),
    plural: (n, one, many = `${one}s`) => `${vb.thousands(n)} ${n === 1 ? one : many}`,
    // A place in a clip: 0:04.2, 1:02:09.0.
    clock(seconds, decimals = 1) {
      const unit = 10 ** decimals;
      const parts = Math.round(seconds * unit);
      const minutes = Math.floor(parts / (60 * unit));
      const tail = ((parts - minutes * 60 * unit) / unit).toFixed(decimals);
      const rest = tail.padStart(decimals ? decimals + 3 : 2, '0');
      if (minutes < 60) return `${minutes}:${rest}`;
      return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
    },
  };
})();

// Gates at once, commands to copy, the section that is being read, everything open for print.
(() => {
  const toggle = document.getElementById('toggle-gates');
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener('click', () => {
      const gates = vb.all('.gates .more > td > details');
      const open = gates.some((gate) => !gate.open);
      gates.forEach((gate) => { gate.open = open; });
      toggle.textContent = open ? 'Close all' : 'Open all';
    });
  }

  vb.all('.copy').forEach((button) => {
    const code = button.parentElement.querySelector('code');
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = 'Copied';
      } catch {
        // Not allowed here: select it, so that the reader can copy it.
        getSelection().selectAllChildren(code);
      }
    });
  });

  const links = new Map(vb.all('nav a').map((link) => [link.hash.slice(1), link]));
  const mark = (id) => links.forEach((link, key) => {
    if (key === id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  const watcher = new IntersectionObserver((entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting);
    if (seen.length) mark(seen[0].target.id);
  }, { rootMargin: '-20% 0px -70% 0px' });
  vb.all('main > [id]').forEach((section) => watcher.observe(section));

  const opened = new Set();
  window.addEventListener('beforeprint', () => {
    // What is folded within something folded, and why a gate passes, is for those who dig: on paper
    // it would be most of it.
    vb.all('details:not([open])').filter((item) => !item.parentElement.closest('details, .gate-pass'))
      .forEach((item) => { item.open = true; opened.add(item); });
  });
  window.addEventListener('afterprint', () => {
    opened.forEach((item) => { item.open = false; });
    opened.clear();
  });
})();

// One slice at a time: everything that belongs to other footage is hidden until "Show all".
// Filterable elements carry their slices, `data-slices="3 7"`, numbers of vb.data.slices.
(() => {
  const HIDDEN = 'filtered-out';
  const belongs = (element, id) => element.dataset.slices.split(' ').includes(String(id));

  const bar = vb.element('div', { class: 'filter-bar', role: 'region', 'aria-label': 'Filter' });
  const words = vb.element('p');
  const clear = vb.element('button', { type: 'button', class: 'quiet' }, '✕ Show all');
  clear.addEventListener('click', () => vb.set('slice', null));
  bar.append(words, clear);
  bar.hidden = true;
  document.querySelector('main').prepend(bar);

  // Headings and tables that are left with nothing say so instead of standing there empty.
  const noteEmpty = (holder, isFiltered) => {
    const note = holder.querySelector(':scope > .filter-empty');
    if (note) note.remove();
    const parts = vb.all('[data-slices]', holder);
    if (!isFiltered || !parts.length) return;
    if (parts.every((part) => part.classList.contains(HIDDEN))) {
      const text = 'Nothing here is of this slice.';
      holder.append(vb.element('p', { class: 'empty filter-empty' }, text));
    }
  };

  const show = (id) => {
    vb.all('[data-slices]').forEach((element) => {
      element.classList.toggle(HIDDEN, id !== null && !belongs(element, id));
    });
    vb.all('[data-filter-group]').forEach((holder) => noteEmpty(holder, id !== null));
    vb.all('button[data-slice]').forEach((button) => {
      button.setAttribute('aria-pressed', String(Number(button.dataset.slice) === id));
      button.closest('tr').classList.toggle('picked', Number(button.dataset.slice) === id);
    });
    bar.hidden = id === null;
    if (id === null) {
      vb.say('Showing everything.');
      return;
    }
    const slice = vb.data.slices[id];
    const clips = vb.data.clips.filter((clip) => clip.slices.includes(id)).length;
    const count = `${vb.thousands(clips)} of ${vb.plural(vb.data.clips.length, 'clip')}`;
    const set = vb.data.sets.length > 1 ? [' of ', vb.name(vb.data.sets[slice.set].name)] : [];
    words.replaceChildren('Showing ', vb.element('strong', {}, vb.name(slice.title)), ...set,
      ` only: ${count}`);
    vb.say(words.textContent);
  };
  vb.on('slice', show);

  // A link to a place that the filter hides shows everything again.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || vb.state.slice === null) return;
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target && target.closest(`.${HIDDEN}`)) vb.set('slice', null);
  }, true);

  if (!vb.data) return;
  const pick = (id) => vb.set('slice', vb.state.slice === id ? null : id);
  vb.all('.pick').forEach((name) => {
    const id = Number(name.dataset.slice);
    const button = vb.element('button', {
      type: 'button', class: 'pick', 'data-slice': id, 'aria-pressed': 'false',
      title: 'Show only this part of the footage on the whole page',
    });
    button.append(...name.childNodes);
    button.addEventListener('click', () => pick(id));
    name.replaceWith(button);
  });
})();

// Heat maps show one metric at a time; without this script all of them stand one below the other.
(() => {
  vb.all('.heat-maps').forEach((group, number) => {
    const maps = vb.all(':scope > .heat-map', group);
    if (maps.length < 2) return;
    const choice = group.querySelector(':scope > fieldset');
    const show = (metric) => maps.forEach((map) => {
      map.classList.toggle('unchosen', map.dataset.metric !== metric);
    });
    vb.all('input', choice).forEach((input) => {
      input.name = `heat-map-${number}`;
      input.addEventListener('change', () => show(input.value));
      if (input.checked) show(input.value);
    });
    choice.hidden = false;
  });
})();
