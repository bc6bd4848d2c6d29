// Draws what the camera sees.

import type { Sight } from "../../backend";

type Live = Extract<Sight, { state: "live" }>;

/** Grey as a canvas wants it: the same value for red, green and blue, and nothing shining through. */
export function coloured(grey: Uint8Array, pixels: Uint32Array): void {
  for (let at = 0; at < grey.length; at += 1) {
    pixels[at] = 0xff000000 | ((grey[at] ?? 0) * 0x010101);
  }
}

/** Keeps the memory of the last picture for the next one. */
export class Painter {
  #image: ImageData | null = null;
  #pixels = new Uint32Array();

  paint(canvas: HTMLCanvasElement, sight: Live, frame: string): void {
    const drawing = canvas.getContext("2d", { alpha: false });
    if (drawing === null || sight.width === 0 || sight.height === 0) return;
    if (canvas.width !== sight.width) canvas.width = sight.width;
    if (canvas.height !== sight.height) canvas.height = sight.height;
    let image = this.#image;
    if (image?.width !== sight.width || image.height !== sight.height) {
      image = this.#image = drawing.createImageData(sight.width, sight.height);
      this.#pixels = new Uint32Array(image.data.buffer);
    }
    coloured(sight.grey, this.#pixels);
    drawing.putImageData(image, 0, 0);
    if (sight.corners !== null) outline(drawing, sight.corners, frame);
  }
}

function outline(drawing: CanvasRenderingContext2D, corners: NonNullable<Live["corners"]>, colour: string): void {
  drawing.beginPath();
  for (const [across, down] of corners) drawing.lineTo(across, down);
  drawing.closePath();
  drawing.lineJoin = "round";
  drawing.lineWidth = 8;
  drawing.strokeStyle = colour;
  drawing.stroke();
}
