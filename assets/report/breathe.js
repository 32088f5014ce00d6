// Gives the page a turn, so that long work never freezes it. setTimeout alone would wait 4 ms each time.

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

export function breathe() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(0);
  });
}

// Node keeps running while a port listens; browsers have no unref and need none.
channel.port1.unref?.();

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
