/* Puts the parts together. */

const view = new View(data.duration);
const chart = new Chart(view, [...document.querySelectorAll(".lanes li")]);
const transcript = new Transcript(chart);
const player = new Player(view, transcript);

function seek(time) {
  view.seek(time);
  player.moved();
  transcript.follow(view.cursor, false);
}

const pointing = new Pointing(view, chart, seek, () => player.toggle());
new Marks(view, chart, pointing, seek);

const showTime = () => {
  element("now").textContent = `${clock(view.cursor)} / ${clock(view.duration)}`;
};
view.addEventListener("cursor", showTime);
showTime();

/* A turn goes to its time and plays from there; a time elsewhere goes to the timeline. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.time");
  const turn = event.target.closest(".turn, .offer");
  if (!link && (!turn || !getSelection().isCollapsed)) return;
  const time = link ?? turn.querySelector("a.time");
  seek(Number(time.dataset.time));
  if (!turn) return;
  if (link) {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
  }
  transcript.stop(time);
  player.play();
});

/* The address may name a turn. */
const named = location.hash && transcript.times.find((link) => link.hash === location.hash);
if (named) seek(Number(named.dataset.time));

performance.mark("ready");
