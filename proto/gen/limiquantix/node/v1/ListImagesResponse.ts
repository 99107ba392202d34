// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { ImageInfo as _limiquantix_node_v1_ImageInfo, ImageInfo__Output as _limiquantix_node_v1_ImageInfo__Output } from '../../../limiquantix/node/v1/ImageInfo.ts';

/**
 * The base images and ISOs of a node.
 */
export interface ListImagesResponse {
  /**
   * The images, by name.
   */
  'images'?: (_limiquantix_node_v1_ImageInfo)[];
}

/**
 * The base images and ISOs of a node.
 */
export interface ListImagesResponse__Output {
  /**
   * The images, by name.
   */
  'images': (_limiquantix_node_v1_ImageInfo__Output)[];
}
