/* Mouse, fingers and keys on the timeline. */

class Pointing {
  constructor(view, chart, seek, toggle) {
    this.view = view;
    this.chart = chart;
    this.seek = seek;
    this.toggle = toggle;
    this.plot = element("plot");
    this.tip = element("tip");
    this.drag = null;
    this.listen();
    this.tell();
  }

  listen() {
    const on = (name, act) => this.plot.addEventListener(name, act.bind(this), { passive: false });
    on("pointerdown", this.press);
    on("pointermove", this.move);
    on("pointerup", this.release);
    on("pointercancel", () => { this.drag = null; });
    on("pointerleave", () => this.hide());
    on("wheel", this.wheel);
    on("keydown", this.key);
    on("focus", () => this.plot.matches(":focus-visible") && this.atCursor());
    on("blur", () => this.hide());
    this.view.addEventListener("cursor", () => this.tell());
    for (const button of document.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => this.act(button.dataset.do));
    }
    const overview = element("overview");
    const jump = (event) => {
      if (event.type === "pointerdown") overview.setPointerCapture(event.pointerId);
      if (!event.buttons) return;
      this.seek(between(0, event.offsetX / overview.clientWidth, 1) * this.view.duration);
    };
    overview.addEventListener("pointerdown", jump);
    overview.addEventListener("pointermove", jump);
  }

  act(what) {
    const step = this.view.span / 3;
    if (what === "in") this.view.zoom(2);
    if (what === "out") this.view.zoom(0.5);
    if (what === "earlier") this.view.pan(-step);
    if (what === "later") this.view.pan(step);
    if (what === "whole") this.view.show(0, this.view.duration);
  }

  press(event) {
    if (event.button) return;
    this.plot.setPointerCapture(event.pointerId);
    this.drag = { x: event.clientX, start: this.view.start, far: false };
  }

  move(event) {
    if (!this.drag) {
      this.show(this.chart.time(event.offsetX), event.offsetX, event.offsetY);
      return;
    }
    const moved = event.clientX - this.drag.x;
    this.drag.far ||= Math.abs(moved) > 4;
    if (!this.drag.far) return;
    this.hide();
    this.view.show(this.drag.start - (moved / this.chart.width) * this.view.span, this.view.span);
  }

  release(event) {
    if (this.drag && !this.drag.far) this.seek(this.chart.time(event.offsetX));
    this.drag = null;
  }

  /* The wheel alone scrolls the page; sideways it pans. */
  wheel(event) {
    if (event.ctrlKey || event.metaKey) this.view.zoom(2 ** (-event.deltaY / 200), this.chart.time(event.offsetX));
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.view.pan((event.deltaX / this.chart.width) * this.view.span);
    else return;
    event.preventDefault();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { view } = this;
    const step = event.shiftKey ? 10 : 1;
    const acts = {
      ArrowLeft: () => this.seek(view.cursor - step),
      ArrowRight: () => this.seek(view.cursor + step),
      ArrowUp: () => this.seek(data.turns.findLast(([start]) => start < view.cursor - 0.01)?.[0] ?? 0),
      ArrowDown: () => this.seek(data.turns.find(([start]) => start > view.cursor + 0.01)?.[0] ?? view.cursor),
      PageUp: () => this.seek(view.cursor - view.span / 3),
      PageDown: () => this.seek(view.cursor + view.span / 3),
      Home: () => this.seek(0),
      End: () => this.seek(view.duration),
      "+": () => view.zoom(2),
      "=": () => view.zoom(2),
      "-": () => view.zoom(0.5),
      0: () => view.show(0, view.duration),
      " ": () => this.toggle(),
      Escape: () => this.hide(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    if (event.key !== "Escape") this.atCursor();
  }

  /* Tells programs that read the screen where the cursor is and what happens there. */
  tell() {
    this.plot.setAttribute("aria-valuemax", this.view.duration.toFixed(1));
    this.plot.setAttribute("aria-valuenow", this.view.cursor.toFixed(1));
    this.plot.setAttribute("aria-valuetext", this.describe(this.view.cursor).replaceAll("\n", ", "));
  }

  describe(time) {
    const names = turnsAt(time).map((turn) => this.chart.lanes[data.turns[turn][2]].title);
    const lines = [clock(time, true), [...new Set(names)].join(", ") || "nobody speaks"];
    const awkwardness = awkwardnessAt(time);
    if (awkwardness) lines.push(`awkwardness ${awkwardness.value.toFixed(2)}`, ...awkwardness.reasons);
    return lines.join("\n");
  }

  atCursor() { this.show(this.view.cursor, this.chart.x(this.view.cursor), AXIS); }

  show(time, x, y) { this.say(this.describe(time), x, y); }

  /* A note beside a place of the plot, where it does not leave the page. */
  say(text, x, y) {
    this.tip.textContent = text;
    this.tip.hidden = false;
    const left = this.plot.offsetLeft + x;
    const right = this.plot.offsetLeft + this.plot.clientWidth;
    const width = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(left + 16 + width > right ? left - 16 - width : left + 16, 0)}px`;
    this.tip.style.top = `${y + 14}px`;
  }

  hide() { this.tip.hidden = true; }
}
