// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Asks for nothing in particular.
 */
export interface HealthCheckRequest {
}

/**
 * Asks for nothing in particular.
 */
export interface HealthCheckRequest__Output {
}
