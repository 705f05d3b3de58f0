import { definePlugin, maxScore, skip } from "../framework.js";

/** Prefers nodes that already hold the pod's images, weighed by size and by how widely an image is spread. */
export const imageLocality = definePlugin({
  name: "ImageLocality",
  prepare: ({ spec: { containers, initContainers = [] } }, { imageNodes, nodes }) => {
    const images = [...initContainers, ...containers].map(({ image = "" }) => withTag(image));
    const shares = images.map((image) => ({ image, spread: (imageNodes.get(image) ?? 0) / Math.max(1, nodes.length) }));
    return shares.some(({ spread }) => spread > 0) ? shares : skip;
  },
  score: ({ prepared: images, nodes }) => {
    const highest = maxContainerBytes * images.length;
    return nodes.map((info) => {
      let bytes = 0;
      for (const { image, spread } of images) bytes += (info.images.get(image) ?? 0) * spread;
      return Math.trunc((maxScore * (Math.min(Math.max(bytes, minBytes), highest) - minBytes)) / (highest - minBytes));
    });
  },
});

const minBytes = 23 * 1024 * 1024;
const maxContainerBytes = 1000 * 1024 * 1024;

/** Nodes list images with their tag; an untagged one means `latest`. */
const withTag = (image: string): string =>
  image.lastIndexOf(":") > image.lastIndexOf("/") ? image : `${image}:latest`;
