/** Codes read by the camera, where the browser can: they go where scans go. */

import { dialogById, openDialog } from "../dialog.js";
import { t } from "../messages.js";
import { need } from "./dom.js";

/** Between two looks at the picture. Milliseconds. */
const LOOK = 150;

/** @typedef {{detect: (from: HTMLVideoElement) => Promise<{rawValue: string}[]>}} Detector */

/** @type {(new () => Detector) | undefined} */
const BarcodeDetector = /** @type {any} */ (globalThis).BarcodeDetector;

/**
 * Wire the key that opens the camera; it stays hidden where the browser reads no codes.
 * @param {HTMLElement} key
 * @param {(text: string) => unknown} take
 */
export function wireCamera(key, take) {
  if (!BarcodeDetector || !navigator.mediaDevices?.getUserMedia) return;
  const detector = new BarcodeDetector();
  key.hidden = false;
  key.addEventListener("click", async () => {
    const text = await look(detector);
    if (text) take(text);
  });
}

/**
 * Show what the camera sees until it sees a code or the dialog is closed.
 * @param {Detector} detector
 * @returns {Promise<string | null>}
 */
async function look(detector) {
  const dialog = dialogById("camera-dialog");
  if (dialog.open) return null;
  const video = /** @type {HTMLVideoElement} */ (need(dialog, "[data-camera]"));
  const says = need(dialog, "[data-camera-says]");
  says.textContent = t("Hold the code in front of the camera.");
  video.hidden = false;
  const closed = openDialog(dialog);
  /** @type {MediaStream | null} */
  let stream = null;
  /** @type {string | null} */
  let found = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    while (dialog.open && !found) {
      [found = null] = (await detector.detect(video)).map((code) => code.rawValue);
      if (!found) await new Promise((done) => setTimeout(done, LOOK));
    }
    if (dialog.open) dialog.close("done");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    video.hidden = true;
    says.textContent = t("The camera cannot be used: allow it for this page, or type the code into the search.");
  }
  await closed;
  for (const track of stream?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  return found;
}
