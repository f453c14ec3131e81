/* The sound, where it is in the page. */

const PIECE = 1 << 20;

class Player {
  constructor(view, transcript) {
    this.view = view;
    this.transcript = transcript;
    this.audio = null;
    this.button = element("play");
    this.silent = !element("sound").hasChildNodes();
    if (this.silent) return;
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.toggle());
  }

  toggle() {
    if (this.playing) this.audio.pause();
    else this.play();
  }

  get playing() { return Boolean(this.audio && !this.audio.paused); }

  /* Decoded when somebody wants to hear it, in pieces of which base64 has whole ones. */
  open() {
    const coded = element("sound").textContent;
    const pieces = [];
    for (let at = 0; at < coded.length; at += PIECE) {
      const bytes = atob(coded.slice(at, at + PIECE));
      pieces.push(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
    }
    element("sound").remove();
    this.audio = new Audio(URL.createObjectURL(new Blob(pieces, { type: "audio/mpeg" })));
    for (const name of ["play", "pause", "ended", "error"]) this.audio.addEventListener(name, () => this.changed());
  }

  play() {
    if (this.silent) return;
    if (!this.audio) this.open();
    this.audio.currentTime = soundTime(this.view.cursor);
    this.audio.play().catch(() => this.changed());
  }

  /* Goes on from the cursor when it was moved. */
  moved() {
    if (this.playing) this.audio.currentTime = soundTime(this.view.cursor);
  }

  changed() {
    if (this.audio.error) {
      this.button.disabled = true;
      this.button.textContent = "The sound cannot be played here";
      return;
    }
    this.button.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
    if (this.playing) this.step();
  }

  step() {
    if (!this.playing) return;
    this.view.seek(recordingTime(this.audio.currentTime));
    this.transcript.follow(this.view.cursor, true);
    requestAnimationFrame(() => this.step());
  }
}

/* Streams follow each other in the sound, while the recording has breaks between them. */
function soundTime(time) {
  const [start, sound, length] = data.stretches[Math.max(lastBefore(data.stretches, time), 0)];
  return sound + between(0, time - start, length);
}

function recordingTime(time) {
  const [start, sound] = data.stretches.findLast((stretch) => stretch[1] <= time) ?? data.stretches[0];
  return start + time - sound;
}
