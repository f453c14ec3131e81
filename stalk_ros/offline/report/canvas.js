/* The chart and the overview, drawn. */

const AXIS = 22;
const LANE = 26;
const STRIP = 8;
const CURVE = 132;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

class Chart {
  constructor(view, lanes) {
    this.view = view;
    this.canvas = element("chart");
    this.overview = element("overview");
    this.lanes = lanes;
    this.hits = [];
    this.floor = AXIS + LANE * lanes.length;
    this.height = this.floor + STRIP + CURVE;
    this.canvas.style.height = `${this.height}px`;
    this.spoken = lanes.map((_, lane) => data.turns.filter((turn) => turn[2] === lane));
    this.together = together(data.turns);
    this.pending = false;
    view.addEventListener("range", () => this.later());
    view.addEventListener("cursor", () => this.place());
    new ResizeObserver(() => this.later()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.dress());
    this.dress();
  }

  /* Takes the colours of the style sheet, with the patterns of the page. */
  dress() {
    const root = getComputedStyle(document.documentElement);
    const names = ["ground", "panel", "ink", "quiet", "rule", "shade", "link", "edge", "found", "hatch"];
    this.colours = Object.fromEntries(names.map((name) => [name, root.getPropertyValue(`--${name}`).trim()]));
    this.fills = this.lanes.map((lane) => getComputedStyle(lane).getPropertyValue("--colour").trim());
    this.hatches = this.lanes.map((lane) => hatch(lane.dataset.hatch, this.colours.hatch));
    this.later();
  }

  later() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  draw() {
    this.width = this.canvas.clientWidth;
    const pen = sized(this.canvas, this.width, this.height);
    this.shades(pen);
    this.axis(pen);
    this.turns(pen);
    this.curve(pen);
    this.place();
    this.drawOverview();
    this.view.dispatchEvent(new Event("drawn"));
  }

  x(time) { return ((time - this.view.start) / this.view.span) * this.width; }
  time(x) { return this.view.start + (x / this.width) * this.view.span; }
  y(awkwardness) { return this.floor + STRIP + 8 + (CURVE - 10) * (1 - awkwardness); }

  place() {
    const x = this.x(this.view.cursor);
    element("cursor").style.transform = `translateX(${between(-9, x, this.width + 9)}px)`;
  }

  /* Boxes for spans of time; those out of sight are left out, each is at least a hair wide. */
  boxes(pen, spans, top, height) {
    pen.beginPath();
    for (const [start, end] of spans) {
      if (end < this.view.start || start > this.view.end) continue;
      const left = this.x(start);
      pen.rect(left, top, Math.max(this.x(end) - left, 0.7), height);
    }
  }

  shades(pen) {
    pen.fillStyle = this.colours.shade;
    this.boxes(pen, data.silences, AXIS, this.floor - AXIS);
    pen.fill();
    const breaks = data.streams.slice(1).map(([start], before) => [data.streams[before][1], start]);
    pen.fillStyle = this.colours.rule;
    this.boxes(pen, breaks, AXIS, this.height);
    pen.fill();
  }

  axis(pen) {
    const step = STEPS_S.find((step) => (step / this.view.span) * this.width >= 76) ?? 7200;
    pen.font = "12px system-ui, sans-serif";
    pen.strokeStyle = this.colours.rule;
    pen.beginPath();
    for (let tick = Math.ceil(this.view.start / step); tick * step <= this.view.end; tick++) {
      const x = Math.round(this.x(tick * step)) + 0.5;
      pen.moveTo(x, AXIS - 6);
      pen.lineTo(x, this.height);
      pen.fillStyle = this.colours.quiet;
      pen.fillText(clock(tick * step + 1e-6, step < 1), x + 4, AXIS - 8);
    }
    for (let lane = 0; lane <= this.lanes.length; lane++) {
      const y = AXIS + LANE * lane + 0.5;
      pen.moveTo(0, y);
      pen.lineTo(this.width, y);
    }
    pen.stroke();
  }

  turns(pen) {
    this.spoken.forEach((spoken, lane) => {
      this.boxes(pen, spoken, AXIS + LANE * lane + 4, LANE - 8);
      pen.fillStyle = this.fills[lane];
      pen.fill();
      pen.fillStyle = this.hatches[lane];
      pen.fill();
    });
    pen.fillStyle = this.colours.ink;
    this.boxes(pen, this.together, this.floor + 2, 4);
    pen.fill();
  }

  curve(pen) {
    pen.strokeStyle = this.colours.ink;
    pen.lineWidth = 1.2;
    pen.stroke(this.line());
    pen.lineWidth = 1.6;
    pen.strokeStyle = this.colours.edge;
    pen.setLineDash([6, 4]);
    pen.beginPath();
    pen.moveTo(0, this.y(data.threshold));
    pen.lineTo(this.width, this.y(data.threshold));
    pen.stroke();
    pen.setLineDash([]);
    pen.lineWidth = 1;
    pen.fillStyle = this.colours.quiet;
    pen.fillText(data.threshold.toFixed(2), 3, this.y(data.threshold) - 5);
  }

  /* The awkwardness, of every point of the screen the highest; broken where nobody listened. */
  line() {
    const line = new Path2D();
    let last = -Infinity;
    let column = -Infinity;
    let highest = 0;
    for (let place = Math.max(lastBefore(data.curve, this.view.start), 0); place < data.curve.length; place++) {
      const [time, value] = data.curve[place];
      const x = this.x(time);
      const next = data.curve[place + 1]?.[0] ?? Infinity;
      highest = Math.max(highest, value);
      if (this.x(next) - column < 1) continue;
      line[time - last > Math.max(2, this.view.span / this.width * 2) ? "moveTo" : "lineTo"](x, this.y(highest));
      [last, column, highest] = [time, x, 0];
      if (time > this.view.end) break;
    }
    return line;
  }

  /* The whole, with what was found and the part that is shown. */
  drawOverview() {
    const { clientWidth: width, clientHeight: height } = this.overview;
    const pen = sized(this.overview, width, height);
    const scale = width / this.view.duration;
    const lane = (height - 6) / this.lanes.length;
    this.spoken.forEach((spoken, number) => {
      pen.fillStyle = this.fills[number];
      pen.beginPath();
      for (const [start, end] of spoken) {
        pen.rect(start * scale, 3 + lane * number, Math.max((end - start) * scale, 0.7), Math.max(lane - 1, 1));
      }
      pen.fill();
    });
    pen.fillStyle = this.colours.ink;
    for (const time of this.hits) pen.fillRect(time * scale, 0, 1.5, 4);
    pen.strokeStyle = this.colours.link;
    pen.lineWidth = 2;
    pen.strokeRect(this.view.start * scale + 1, 1, this.view.span * scale - 2, height - 2);
  }
}

/* A canvas as sharp as the screen, empty. */
function sized(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  return pen;
}

function hatch(number, colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.stroke(new Path2D(document.querySelector(`#hatch-${number} path`).getAttribute("d")));
  return pen.createPattern(tile, "repeat");
}

/* When two or more speak, as spans. */
function together(turns) {
  const spans = [];
  let until = -Infinity;
  for (const [start, end] of turns) {
    if (start < until) spans.push([start, Math.min(end, until)]);
    until = Math.max(until, end);
  }
  return spans;
}
