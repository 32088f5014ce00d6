// Removes what cameras hide in pictures (place, time, device) by drawing them anew.

const largestPicture = 16 * 1024 * 1024;
const mostPixels = 40_000_000;

// Drawn types and what they are written as again. An animation would lose its frames, so GIF is not here.
const writtenAs = { "image/jpeg": "image/jpeg", "image/png": "image/png", "image/webp": "image/webp" };

export const isPicture = (file) => file.type.startsWith("image/");

const canClean = () => typeof createImageBitmap === "function" && typeof OffscreenCanvas === "function";

// Returns a cleaned copy, or throws an Error whose message says in plain words why there is none.
export async function cleaned(file) {
  const type = writtenAs[file.type];
  if (!canClean()) throw new Error("this browser cannot do it");
  if (type === undefined) throw new Error("this type of picture cannot be cleaned here");
  if (file.size > largestPicture) throw new Error("the picture is larger than 16 MB");
  const bitmap = await decoded(file);
  try {
    if (bitmap.width * bitmap.height > mostPixels) throw new Error("the picture has more than 40 million pixels");
    return await drawnAnew(bitmap, type);
  } finally {
    bitmap.close();
  }
}

async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error("the file is not a picture this browser can read");
  }
}

async function drawnAnew(bitmap, type) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type, quality: 0.92 });
}
