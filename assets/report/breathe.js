// Gives the page a turn, so that long work never freezes it.

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export const breathe = () => globalThis.scheduler?.yield?.() ?? pause(0);
