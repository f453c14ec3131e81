/* Suggestions on the timeline, as buttons; one of them is in the order of the tab key, arrows go to the others. */

class Marks {
  constructor(view, chart, pointing, seek) {
    this.view = view;
    this.chart = chart;
    this.pointing = pointing;
    this.seek = seek;
    this.box = element("marks");
    this.marks = data.offers.flatMap((offer) => this.of(offer)).sort((one, other) => one.time - other.time);
    this.box.append(...this.marks.map((mark) => mark.button));
    if (this.marks.length) this.marks[0].button.tabIndex = 0;
    this.box.addEventListener("keydown", (event) => this.key(event));
    view.addEventListener("drawn", () => this.place());
  }

  of(offer) {
    const why = offer.rationale ? `\n${offer.rationale}` : "";
    const made = [this.mark(offer.time, "▶", `Offered at ${clock(offer.time, true)}\n${offer.text}${why}`)];
    if (offer.withdrawn !== null) {
      made.push(this.mark(offer.withdrawn, "■", `Withdrawn at ${clock(offer.withdrawn, true)}\n${offer.text}`));
    }
    return made;
  }

  mark(time, sign, text) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.className = sign === "▶" ? "offered" : "withdrawn";
    button.textContent = sign;
    button.setAttribute("aria-label", text.replaceAll("\n", ": "));
    const mark = { time, button };
    const say = () => this.pointing.say(text, this.chart.x(time), this.chart.floor - 8);
    button.addEventListener("focus", () => this.arrive(mark, say));
    button.addEventListener("blur", () => this.pointing.hide());
    button.addEventListener("pointerenter", say);
    button.addEventListener("pointerleave", () => this.pointing.hide());
    button.addEventListener("click", () => this.seek(time));
    return mark;
  }

  arrive(mark, say) {
    for (const { button } of this.marks) button.tabIndex = button === mark.button ? 0 : -1;
    if (!this.view.inSight(mark.time)) this.view.show(mark.time - this.view.span / 2, this.view.span);
    say();
  }

  key(event) {
    const place = this.marks.findIndex(({ button }) => button === event.target);
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: this.marks.length - 1 }[event.key];
    if (event.key === "Escape") this.pointing.hide();
    if (to === undefined) return;
    event.preventDefault();
    this.marks[between(0, to, this.marks.length - 1)].button.focus({ preventScroll: true });
  }

  place() {
    for (const { time, button } of this.marks) {
      button.style.visibility = this.view.inSight(time) ? "" : "hidden";
      button.style.transform = `translate(${this.chart.x(time)}px, ${this.chart.floor - LANE}px)`;
    }
  }
}
