// A frame as SVG: the picture, boxes over it, and a view of it that zooms and moves.
(() => {
  'use strict';
  const SVG = 'http://www.w3.org/2000/svg';
  const LABEL_PX = matchMedia('(max-width: 480px)').matches ? 11 : 13;
  const MAX_ZOOM = 40;

  const svg = (tag, attributes) => {
    const made = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };

  // Where every picture of the stage looks: a corner and the width in pixels of the frame.
  vb.frameView = (widthPx, heightPx) => ({
    widthPx,
    heightPx,
    x: 0,
    y: 0,
    zoom: 1,
    get viewBox() {
      return `${this.x} ${this.y} ${this.widthPx / this.zoom} ${this.heightPx / this.zoom}`;
    },
    // Zoom so that the place (x, y) of the frame stays where it is.
    zoomBy(factor, x = this.x + this.widthPx / this.zoom / 2, y = this.y + this.heightPx / this.zoom / 2) {
      const zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
      const kept = this.zoom / zoom;
      this.zoom = zoom;
      this.moveTo(x - (x - this.x) * kept, y - (y - this.y) * kept);
    },
    moveTo(x, y) {
      this.x = Math.min(this.widthPx * (1 - 1 / this.zoom), Math.max(0, x));
      this.y = Math.min(this.heightPx * (1 - 1 / this.zoom), Math.max(0, y));
    },
  });

  // One picture of the stage.
  vb.picture = () => {
    const title = vb.element('p', { class: 'pane-title' });
    const drawing = svg('svg', { role: 'img' });
    const image = svg('image', { preserveAspectRatio: 'none' });
    const ground = svg('rect', { class: 'blank' });
    const boxes = svg('g', {});
    drawing.append(ground, image, boxes);
    const node = vb.element('div', { class: 'pane' }, title, drawing);

    // Of a label on the whole frame, in its pixels.
    const labelSize = (view) => LABEL_PX * Math.max(
      view.widthPx / (drawing.clientWidth || view.widthPx),
      view.heightPx / (drawing.clientHeight || view.heightPx),
    );
    // Labels keep their size on the screen, whatever the zoom.
    const look = (view) => {
      drawing.setAttribute('viewBox', view.viewBox);
      boxes.setAttribute('font-size', labelSize(view) / view.zoom);
    };

    // `name`: what stands above it, nodes; `words`: the picture for those who do not see it.
    const draw = (view, url, name, drawn, words) => {
      title.replaceChildren(...name);
      title.hidden = !name.length;
      [ground, image].forEach((one) => {
        one.setAttribute('width', view.widthPx);
        one.setAttribute('height', view.heightPx);
      });
      if (url) image.setAttribute('href', url);
      image.style.display = url ? '' : 'none';
      drawing.setAttribute('aria-label', words);
      boxes.replaceChildren(...drawn.flatMap(rectangles), ...labels(drawn, view, labelSize(view)));
      look(view);
    };
    return { node, drawing, draw, look };
  };

  const rectangles = ({ kind, box }) => {
    const place = {
      x: box.x1, y: box.y1, width: box.x2 - box.x1, height: box.y2 - box.y1, fill: 'none',
    };
    return [
      svg('rect', { class: `halo halo-${kind}`, ...place }),
      svg('rect', { class: `box box-${kind}`, ...place }),
    ];
  };

  // Where a label may stand: over and under its box, then inside it, at either side. It stands on an
  // edge or hangs from it.
  const corners = (box, width, height) => {
    const edges = [[box.y1, true], [box.y2, false], [box.y1, false], [box.y2, true]];
    const sides = [['start', box.x1, box.x1], ['end', box.x2, box.x2 - width]];
    return edges.flatMap(([edge, isOn]) => sides.map(([anchor, side, x]) => (
      { edge, isOn, anchor, side, x, y: isOn ? edge - height : edge, width, height }
    )));
  };

  // Each label where it covers the least of other labels and of what is outside the frame; of equal
  // places the first.
  const labels = (drawn, view, size) => {
    const taken = [];
    const shared = (from, to, otherFrom, otherTo) => (
      Math.max(0, Math.min(to, otherTo) - Math.max(from, otherFrom))
    );
    const covered = (a, b) => (
      shared(a.x, a.x + a.width, b.x, b.x + b.width)
        * shared(a.y, a.y + a.height, b.y, b.y + b.height)
    );
    const frame = { x: 0, y: 0, width: view.widthPx, height: view.heightPx };
    const cost = (place) => place.width * place.height - covered(place, frame)
      + taken.reduce((sum, other) => sum + covered(place, other), 0);
    // Errors come last, to lie on top; their labels choose first.
    return drawn.filter((one) => one.text).reverse().map(({ kind, box, text }) => {
      const width = 0.6 * size * text.length;
      const height = 1.3 * size;
      const places = corners(box, width, height);
      const costs = places.map(cost);
      const place = places[costs.indexOf(Math.min(...costs))];
      taken.push(place);
      const made = svg('text', {
        class: `tag label-${kind}`,
        x: place.side,
        y: place.edge,
        dy: place.isOn ? '-.35em' : '1.05em',
        'text-anchor': place.anchor,
      });
      made.textContent = text;
      return made;
    });
  };
})();
