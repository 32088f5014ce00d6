// Every sentence that the script itself says. What pages say stands in their templates.

const from = (side) => (side === "desk" ? "from the desk" : "from you");
const missing = (first, last) => (first === last ? `Letter ${first + 1}` : `Letters ${first + 1} to ${last + 1}`);

export const words = {
  notProvided: "Not provided",
  unreachable: "The portal could not be reached. Everything you wrote is still on this page. Try again in a minute.",
  unexpected: "The portal could not take this. Nothing was stored, and everything you wrote is still on this page.",
  refusals: {
    malformed: "The portal could not read what was sent. Nothing was stored. Try again.",
    not_an_envelope: "The portal did not take the sealed envelope. Nothing was stored. Try again.",
    wrong_length: "The portal did not take the sealed envelope. Nothing was stored. Try again.",
    unknown_desk: "The desk you chose is no longer there. Go back to the first questions and choose again.",
    no_mailbox: "There is no concern with this receipt. Check the words. A concern that was closed long ago is no longer kept.",
    stale_ticket: "This page has been open for too long. Send it again.",
    too_large: "The files are too large together. Remove some of them.",
    closed: "The list of the people who may read concerns cannot be verified just now, so nothing was sealed or sent. What you wrote is still on this page: copy it, or try again later.",
    busy: "The portal is busy. Everything you wrote is still on this page. Try again in a few minutes.",
    full: "There is no room to store this at the moment. Keep this page open and try again later, or send it without files.",
  },
  keyring: "The signed list of people who may read concerns could not be verified, so nothing was sealed or sent. Check the date on this computer. If it is right, use another route and tell somebody you trust that this portal is not safe to use.",
  readersChanged: "The people who read concerns have changed since this page was opened. Look at your choices again.",
  listChanged: "The list of people on this page is out of date. Copy what you wrote, then reload the page.",
  tooLong: "What you have written is too long for one letter. Send part of it later",
  tooManyCharacters: (count) => `You have written ${count.toLocaleString("en-GB")} characters in all. Shorten it to 40,000, or send the rest as a later message`,
  tooManyFiles: "You can send 10 files at most. Remove some of them",
  fileTooLarge: (label) => `“${label}” must be smaller than 32 MB.`,
  filesTooLarge: "All files together must be smaller than 64 MB. Remove some of them",
  fileEmpty: (label) => `“${label}” is empty.`,
  fileGone: "A file could not be read. It may have been changed or moved since you chose it. Remove it and choose it again.",
  hiddenDataRemoved: "Hidden data removed",
  hiddenDataKept: "Sent as it is, hidden data included",
  hiddenDataStuck: (why) => `Hidden data could not be removed: ${why}. It will be sent as it is.`,
  noPicture: "Hidden data, such as the author’s name, is not removed from this kind of file",
  unnamedFile: (number) => `File ${number}`,
  sealing: (percent) => `Sealing your words and files: ${percent}%`,
  sending: "Sending the sealed envelope. This can take a few minutes if the files are large.",
  waiting: (seconds) => `The portal is busy. Trying again in ${seconds} seconds. Nothing is lost.`,
  receipt: {
    too_long: "That is too long to be a receipt. A receipt is twelve words.",
    not_twelve: "A receipt is twelve words. Count them again.",
    unknown_word: (place) => `Word ${place} is not a word that receipts use. Check its spelling.`,
    checksum: "These words do not fit together. One may be wrong, or two may have changed places.",
  },
  wordsDiffer: "Those are not the words of your receipt. Look at it again.",
  earlierStored: "What you sent first had already arrived. What you changed since then has not been stored: use your receipt to send it as a message.",
  fetching: "Fetching the file. This can take a minute.",
  saved: "The file was opened on this machine and given to your browser to save.",
  fileRefused: "The file was refused and is not given to you: it is damaged, or is not what the team sealed. Tell the team in a message.",
  fileGone: "The file is not there any more. Tell the team in a message.",
  you: "You",
  waitingForCollection: "Waits for the next collection",
  gap: ({ first, last, side }) => `${missing(first, last)} ${from(side)} ${first === last ? "is" : "are"} missing here. What was sent a moment ago may be on its way; otherwise somebody may have removed it.`,
  fork: ({ place, side }) => `There are different letters at place ${place + 1} ${from(side)}. If nobody wrote in two windows at once, somebody may have interfered.`,
  broken: ({ place, side }) => `Letter ${place + 1} ${from(side)} does not follow the one before it. Somebody may have interfered.`,
  refused: ({ why, side }) => `A letter ${from(side)} was refused and is not shown: ${why}.`,
  strangeDesk: "The portal says that your concern lies on another desk, but no letter of that desk vouches for it. What you write here goes to the desk you chose.",
  toAnotherTeam: "A letter of yours was sealed for the team that had your concern before it was passed on. The team that has it now may not be able to open it. If no letter here answers it, please write it again below.",
  review: "You ask for a review of the outcome",
  replaced: "The portal gave a mailbox that does not belong to your receipt. Nothing of it is shown. Tell somebody you trust outside this portal.",
  noConcern: "Your first letter is missing or does not open, so nothing can be added safely. Tell somebody you trust outside this portal.",
  errorPrefix: "Error: ",
};

const sizeUnits = [[1024 * 1024, "MB"], [1024, "kB"]];

export function sizeInWords(bytes) {
  for (const [unit, name] of sizeUnits) if (bytes >= unit) return `${(bytes / unit).toFixed(1)} ${name}`;
  return `${bytes} bytes`;
}

export function dateInWords(isoDate) {
  const day = new Date(`${isoDate}T00:00:00Z`);
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}
