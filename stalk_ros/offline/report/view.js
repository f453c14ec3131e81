"use strict";
/* What is shown of the conversation: a range of its time and a cursor, in seconds. */

const element = (id) => document.getElementById(id);
const data = JSON.parse(element("data").textContent);
const SHORTEST_S = 1;
const between = (low, value, high) => Math.min(Math.max(value, low), high);

function clock(time, tenths = false) {
  const whole = tenths ? Math.floor(time * 10) / 10 : Math.floor(time);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const seconds = (whole % 60).toFixed(tenths ? 1 : 0).padStart(tenths ? 4 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/* Place of the last entry whose first number is not after the time; -1 = none. */
function lastBefore(entries, time) {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle][0] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/* Tells "range" when another part is shown and "cursor" when the cursor is elsewhere. */
class View extends EventTarget {
  constructor(duration) {
    super();
    this.duration = Math.max(duration, SHORTEST_S);
    this.start = 0;
    this.end = this.duration;
    this.cursor = 0;
  }

  get span() { return this.end - this.start; }

  show(start, span) {
    const length = between(SHORTEST_S, span, this.duration);
    this.start = between(0, start, this.duration - length);
    this.end = this.start + length;
    this.dispatchEvent(new Event("range"));
  }

  /* A factor above 1 shows less; the instant `at` stays where it is. */
  zoom(factor, at = this.inSight(this.cursor) ? this.cursor : (this.start + this.end) / 2) {
    const span = between(SHORTEST_S, this.span / factor, this.duration);
    this.show(at - (at - this.start) * (span / this.span), span);
  }

  pan(seconds) { this.show(this.start + seconds, this.span); }

  inSight(time) { return time >= this.start && time <= this.end; }

  seek(time) {
    this.cursor = between(0, time, this.duration);
    if (!this.inSight(this.cursor)) this.show(this.cursor - this.span / 4, this.span);
    this.dispatchEvent(new Event("cursor"));
  }
}

/* Turns at an instant, as numbers; they are in the order of their start, and few are long. */
const longestTurn = data.turns.reduce((longest, [start, end]) => Math.max(longest, end - start), 0);

function turnsAt(time) {
  const found = [];
  for (let turn = lastBefore(data.turns, time); turn >= 0; turn--) {
    if (data.turns[turn][0] < time - longestTurn) break;
    if (data.turns[turn][1] >= time) found.unshift(turn);
  }
  return found;
}

/* Value and reasons of the awkwardness at an instant; undefined where nobody listened. */
function awkwardnessAt(time) {
  const [at, value, reasons] = data.curve[lastBefore(data.curve, time)] ?? [-Infinity, 0, 0];
  return time - at > 2 ? undefined : { value, reasons: data.reasons[reasons].split("\n").filter(Boolean) };
}
