// Original file: proto/limiquantix/node/v1/node_daemon.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A base image or ISO of a node.
 */
export interface ImageInfo {
  /**
   * The image, by its file name.
   */
  'imageId'?: (string);
  /**
   * Its file name.
   */
  'name'?: (string);
  /**
   * Where it is found among the node's images.
   */
  'path'?: (string);
  /**
   * Size of its file, in bytes.
   */
  'sizeBytes'?: (number | string | Long);
  /**
   * Like "iso", "qcow2" or "raw".
   */
  'format'?: (string);
}

/**
 * A base image or ISO of a node.
 */
export interface ImageInfo__Output {
  /**
   * The image, by its file name.
   */
  'imageId': (string);
  /**
   * Its file name.
   */
  'name': (string);
  /**
   * Where it is found among the node's images.
   */
  'path': (string);
  /**
   * Size of its file, in bytes.
   */
  'sizeBytes': (number);
  /**
   * Like "iso", "qcow2" or "raw".
   */
  'format': (string);
}
