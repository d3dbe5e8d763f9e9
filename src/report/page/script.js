'use strict';
// Without this script the page shows the same as pictures and tables. It makes columns sortable, and draws each figure's
// curves from the JSON beside it: with values under the pointer, a legend that hides curves, other axes, smoothing.
(() => {
  const holder = document.createElement('div');
  holder.innerHTML = '<svg></svg>';
  const space = holder.firstChild.namespaceURI;
  const make = (parent, name, attributes = {}, text) => {
    const svg = name === 'svg' || parent && parent.namespaceURI.endsWith('svg');
    const node = svg ? document.createElementNS(space, name) : document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  };

  // ---- tables
  const valueOf = cell => {
    const text = (cell.firstChild && cell.firstChild.nodeType === 3 ? cell.firstChild : cell).textContent.trim();
    const number = Number(text.replace('\u2212', '-'));
    return text === '' || text === '\u2013' ? null : Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => typeof a === typeof b && typeof a === 'number' ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true});
  for (const table of document.querySelectorAll('table')) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    if (!body || body.rows.length < 2) continue;
    heads.forEach((head, column) => {
      const button = make(null, 'button', {type: 'button'}, head.textContent);
      head.replaceChildren(button);
      button.onclick = () => {
        const down = head.getAttribute('aria-sort') === 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const rows = [...body.rows].map(row => [valueOf(row.cells[column]), row]);
        rows.sort(([a], [b]) => a === null ? (b === null ? 0 : 1) : b === null ? -1 : (down ? -1 : 1) * compare(a, b));
        body.append(...rows.map(([, row]) => row));
      };
    });
  }

  // ---- charts
  const dashes = ['', '8 4', '2 3', '8 3 2 3'];
  const shapes = {2: 'M-3-3L3 3M-3 3L3-3', 4: 'M-3-3H3V3H-3Z', 5: 'M-3-3H3V3H-3Z', 6: 'M-3.4 0A3.4 3.4 0 1 0 3.4 0A3.4 3.4 0 1 0-3.4 0', 7: 'M-3.4 0A3.4 3.4 0 1 0 3.4 0A3.4 3.4 0 1 0-3.4 0', 9: 'M0-4L4 3H-4Z', 11: 'M0 4L4-3H-4Z', 13: 'M0-4.4L4.4 0L0 4.4L-4.4 0Z'};
  const hollow = mark => mark === 2 || mark === 4 || mark === 6;
  const colour = curve => `var(--${curve.policy})`;
  const addMark = (parent, curve, x, y) => make(parent, 'path', {d: shapes[curve.mark] || shapes[7], transform: `translate(${x} ${y})`, style: `stroke:${colour(curve)};fill:${hollow(curve.mark) ? 'var(--ground)' : colour(curve)}`});
  const short = v => v === null || v === undefined ? '\u2013' : v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e6) ? v.toExponential(1) : String(+v.toPrecision(5));
  const logTicks = (low, high) => {
    const ticks = [];
    for (let e = Math.floor(low); e <= Math.ceil(high); e++) ticks.push(e);
    const step = Math.ceil(ticks.length / 7);
    return ticks.filter((_, i) => i % step === 0);
  };
  const plainTicks = (low, high, count) => {
    const raw = (high - low) / count || 1, ten = 10 ** Math.floor(Math.log10(raw));
    const step = ten * [1, 2, 5, 10].find(k => k * ten >= raw), ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
    return ticks;
  };
  // An exponential mean: `amount` of what was, the rest of what comes.
  const smooth = (values, amount) => {
    let mean = null;
    return values.map(v => v === null ? null : mean = mean === null ? v : amount * mean + (1 - amount) * v);
  };

  class Chart {
    constructor(figure, data) {
      this.data = data;
      this.view = 0;
      this.axis = 0;
      this.amount = 0;
      this.singles = false;
      this.hidden = new Set(data.curves.filter(c => c.hidden).map(c => c.name));
      const image = figure.querySelector('img');
      image.hidden = true;
      this.tools = make(null, 'div', {class: 'tools'});
      this.plot = make(null, 'div', {class: 'plot'});
      this.legend = make(null, 'div', {class: 'legend', role: 'group', 'aria-label': 'curves: shown or hidden'});
      this.says = make(null, 'p', {class: 'unseen', 'aria-live': 'polite'});
      image.before(this.tools, this.plot, this.legend, this.says);
      this.addTools();
      this.draw();
      if (typeof ResizeObserver === 'function') {
        new ResizeObserver(() => {
          if (this.plot.clientWidth !== this.drawn) requestAnimationFrame(() => this.drawPlot());
        }).observe(this.plot);
      }
    }

    addSelect(label, names, chosen) {
      if (names.length < 2) return;
      const select = make(make(this.tools, 'label', {}, label + ' '), 'select');
      names.forEach((name, i) => make(select, 'option', {value: i}, name));
      select.onchange = () => { chosen(+select.value); this.draw(); };
    }

    addTools() {
      this.addSelect('show', this.data.views.map(v => v.name), i => { this.view = i; });
      this.addSelect('over', this.data.axes, i => { this.axis = i; });
      if (this.data.axes.length > 1) {
        const range = make(make(this.tools, 'label', {}, 'smoothing '), 'input', {type: 'range', min: 0, max: 0.95, step: 0.05, value: 0});
        range.oninput = () => { this.amount = +range.value; this.drawPlot(); };
      }
      if (this.data.curves.some(c => c.single)) {
        const label = make(this.tools, 'label');
        const box = make(label, 'input', {type: 'checkbox'});
        label.append(' every run');
        box.onchange = () => { this.singles = box.checked; this.drawPlot(); };
      }
      if (this.data.note) make(this.tools, 'span', {}, this.data.note);
      for (const [text, all] of [['all', true], ['none', false]])
        make(this.tools, 'button', {type: 'button'}, text).onclick = () => {
          this.hidden = new Set(all ? [] : this.data.curves.map(c => c.name));
          this.draw();
        };
    }

    curves() {
      return this.data.curves.filter(c => c.view === this.view && !c.single);
    }

    // What stands below the plot; the values of a setting have its name.
    place(view) {
      const axis = this.data.axes[this.axis];
      return axis === 'value' ? view.name : axis === 'seconds' ? 'seconds of training' : axis;
    }

    // What is on the plot: curves with places, values and bands as they are drawn.
    shown() {
      const view = this.data.views[this.view], log = v => v === null || v <= 0 ? null : Math.log10(v);
      const own = this.data.curves.filter(c => c.view === this.view && (c.single ? this.singles && !this.hidden.has(c.of) : !this.hidden.has(c.name)));
      return own.map(curve => {
        const y = smooth(curve.y, this.amount);
        const x = curve.x[this.axis];
        return {curve, x: view.xlog ? x.map(log) : x, y: view.log ? y.map(log) : y, values: y,
                low: view.log ? smooth(curve.low, this.amount).map(log) : smooth(curve.low, this.amount),
                high: view.log ? smooth(curve.high, this.amount).map(log) : smooth(curve.high, this.amount)};
      });
    }

    draw() {
      this.legend.replaceChildren();
      for (const curve of this.curves()) {
        const button = make(this.legend, 'button', {type: 'button', 'aria-pressed': !this.hidden.has(curve.name)});
        const swatch = make(button, 'svg', {width: 30, height: 12, 'aria-hidden': true});
        make(swatch, 'path', {d: 'M0 6H30', class: 'curve', style: `stroke:${colour(curve)}`, 'stroke-dasharray': dashes[curve.dash]});
        addMark(swatch, curve, 15, 6);
        button.append(curve.name);
        button.onclick = () => {
          if (!this.hidden.delete(curve.name)) this.hidden.add(curve.name);
          button.setAttribute('aria-pressed', !this.hidden.has(curve.name));
          this.drawPlot();
        };
      }
      this.drawPlot();
    }

    drawPlot() {
      const view = this.data.views[this.view], shown = this.shown();
      this.drawn = this.plot.clientWidth;
      const width = Math.max(this.drawn, 280), height = width < 560 ? 280 : 380;
      const left = 62, right = 14, top = 12, bottom = 46;
      const finite = lists => lists.flat().filter(v => v !== null && Number.isFinite(v));
      const xs = finite(shown.map(s => s.x)), ys = finite(shown.flatMap(s => [s.y, s.low, s.high]));
      let [x0, x1] = view.ticks.length ? [-0.4, view.ticks.length - 0.6] : [Math.min(...xs), Math.max(...xs)];
      let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
      if (!xs.length) [x0, x1, y0, y1] = [0, 1, 0, 1];
      if (x0 === x1) x0 -= 0.5, x1 += 0.5;
      if (y0 === y1) y0 -= 0.5, y1 += 0.5;
      y0 -= 0.04 * (y1 - y0), y1 += 0.04 * (y1 - y0);
      const px = v => left + (v - x0) / (x1 - x0) * (width - left - right);
      const py = v => height - bottom - (v - y0) / (y1 - y0) * (height - top - bottom);
      const svg = make(null, 'svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img', tabindex: 0, 'aria-label': `${view.label} over ${this.place(view)}; arrow keys read values`});
      this.addAxes(svg, view, {width, height, left, right, top, bottom, x0, x1, y0, y1, px, py});
      const bands = shown.filter(s => s.curve.low.length).length;
      for (const s of shown) this.addBand(svg, s, px, py, bands > 4 ? 0.07 : 0.16);
      for (const s of shown) this.addCurve(svg, s, px, py);
      const cursor = make(svg, 'path', {class: 'cursor'});
      const tip = make(null, 'div', {class: 'tip', hidden: ''});
      this.plot.replaceChildren(svg, tip);
      this.addPointer(svg, cursor, tip, shown, {width, height, top, bottom, px});
    }

    addAxes(svg, view, f) {
      const xt = view.ticks.length ? view.ticks.map((_, i) => i) : view.xlog ? logTicks(f.x0, f.x1) : plainTicks(f.x0, f.x1, f.width / 110).filter(v => this.data.axes[this.axis] !== 'epoch' || Number.isInteger(+v.toPrecision(9)));
      const yt = view.log ? logTicks(f.y0, f.y1) : plainTicks(f.y0, f.y1, 6);
      for (const v of yt.filter(v => v >= f.y0 && v <= f.y1)) {
        make(svg, 'path', {class: 'grid', d: `M${f.left} ${f.py(v)}H${f.width - f.right}`});
        make(svg, 'text', {x: f.left - 6, y: f.py(v) + 4, 'text-anchor': 'end'}, view.log ? `1e${v}` : short(v));
      }
      xt.filter(v => v >= f.x0 && v <= f.x1).forEach((v, i) => {
        make(svg, 'path', {class: 'axis', d: `M${f.px(v)} ${f.height - f.bottom}v5`});
        make(svg, 'text', {x: f.px(v), y: f.height - f.bottom + 18, 'text-anchor': 'middle'}, view.ticks.length ? view.ticks[i] : view.xlog ? `1e${v}` : short(v));
      });
      make(svg, 'path', {class: 'axis', fill: 'none', d: `M${f.left} ${f.top}V${f.height - f.bottom}H${f.width - f.right}`});
      make(svg, 'text', {x: (f.left + f.width) / 2, y: f.height - 8, 'text-anchor': 'middle'}, this.place(view));
      make(svg, 'text', {transform: `translate(13 ${(f.height - f.bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle'}, view.label);
    }

    addBand(svg, s, px, py, opacity) {
      const at = s.low.map((_, i) => i).filter(i => s.low[i] !== null && s.high[i] !== null && s.x[i] !== null);
      if (at.length < 2) return;
      const d = at.map(i => `${px(s.x[i])} ${py(s.high[i])}`).concat(at.reverse().map(i => `${px(s.x[i])} ${py(s.low[i])}`)).join('L');
      make(svg, 'path', {class: 'band', d: `M${d}Z`, style: `fill:${colour(s.curve)};opacity:${opacity}`});
    }

    addCurve(svg, s, px, py) {
      const at = s.y.map((_, i) => i).filter(i => s.y[i] !== null && s.x[i] !== null);
      if (!at.length) return;
      make(svg, 'path', {class: s.curve.single ? 'curve single' : 'curve', d: 'M' + at.map(i => `${px(s.x[i])} ${py(s.y[i])}`).join('L'), style: `stroke:${colour(s.curve)}`, 'stroke-dasharray': dashes[s.curve.dash]});
      if (s.curve.single) return;
      const every = Math.ceil(at.length / 12);
      at.filter((_, k) => k % every === 0 || at.length < 13).forEach(i => addMark(svg, s.curve, px(s.x[i]), py(s.y[i])));
    }

    // Values at the place nearest to the pointer, or where the arrow keys went.
    addPointer(svg, cursor, tip, shown, f) {
      const places = [...new Set(shown.flatMap(s => s.x).filter(v => v !== null))].sort((a, b) => a - b);
      const view = this.data.views[this.view];
      let place = -1;
      const show = () => {
        const x = places[place];
        const rows = shown.map(s => {
          let best = -1;
          s.x.forEach((v, i) => { if (v !== null && s.y[i] !== null && (best < 0 || Math.abs(v - x) < Math.abs(s.x[best] - x))) best = i; });
          return best < 0 ? null : {s, best};
        }).filter(Boolean).sort((a, b) => b.s.values[b.best] - a.s.values[a.best]);
        const named = view.ticks.length ? view.ticks[x] : short(view.xlog ? 10 ** x : x);
        const words = r => short(r.s.values[r.best]) + (r.s.curve.low.length ? ` (${short(r.s.curve.low[r.best])} \u2026 ${short(r.s.curve.high[r.best])})` : '');
        cursor.setAttribute('d', `M${f.px(x)} ${f.top}V${f.height - f.bottom}`);
        tip.hidden = false;
        tip.replaceChildren(make(null, 'strong', {}, `${this.place(view)} ${named}`));
        for (const r of rows.slice(0, 14)) {
          const row = make(tip, 'div');
          const name = make(row, 'span');
          make(name, 'span', {class: 'dot', style: `background:${colour(r.s.curve)}`});
          name.append(r.s.curve.name);
          make(row, 'span', {}, words(r));
        }
        if (rows.length > 14) make(tip, 'div', {}, `and ${rows.length - 14} more`);
        if (f.px(x) > f.width / 2) tip.style.cssText = 'left:64px'; else tip.style.cssText = 'right:16px';
        return `${named}: ` + rows.slice(0, 14).map(r => `${r.s.curve.name} ${words(r)}`).join('; ');
      };
      const hide = () => { tip.hidden = true; cursor.removeAttribute('d'); };
      svg.onpointermove = event => {
        const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * f.width;
        if (!places.length) return;
        place = places.reduce((best, v, i) => Math.abs(f.px(v) - x) < Math.abs(f.px(places[best]) - x) ? i : best, 0);
        show();
      };
      svg.onpointerleave = hide;
      svg.onblur = hide;
      svg.onkeydown = event => {
        const move = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity}[event.key];
        if (move === undefined || !places.length) return;
        event.preventDefault();
        place = Math.max(0, Math.min(places.length - 1, place + move));
        this.says.textContent = show();
      };
    }
  }

  for (const figure of document.querySelectorAll('figure.chart'))
    new Chart(figure, JSON.parse(figure.querySelector('script').textContent));
})();
