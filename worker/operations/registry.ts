import type { OperationKind } from '#db/operations/catalog.ts'
import type { OperationDefinition } from './definition.ts'
import { diskAttach } from './disk-attach.ts'
import { diskDetach } from './disk-detach.ts'
import { diskResize } from './disk-resize.ts'
import { givingUp } from './giving-up.ts'
import { guestCall } from './guest-call.ts'
import { imageDelete } from './image-delete.ts'
import { imageImport } from './image-import.ts'
import { mediaChange } from './media-change.ts'
import { nicAttach } from './nic-attach.ts'
import { nicDetach } from './nic-detach.ts'
import { snapshotCreate } from './snapshot-create.ts'
import { snapshotDelete } from './snapshot-delete.ts'
import { snapshotRevert } from './snapshot-revert.ts'
import { storagePoolCreate } from './storage-pool-create.ts'
import { storagePoolDelete } from './storage-pool-delete.ts'
import { vmAdopt } from './vm-adopt.ts'
import { vmCreate } from './vm-create.ts'
import { vmDelete } from './vm-delete.ts'
import { vmPause } from './vm-pause.ts'
import { vmReboot } from './vm-reboot.ts'
import { vmResume } from './vm-resume.ts'
import { vmStart } from './vm-start.ts'
import { vmStop } from './vm-stop.ts'
import { vmUpdate } from './vm-update.ts'
import { volumeCreate } from './volume-create.ts'
import { volumeDelete } from './volume-delete.ts'
import { volumeResize } from './volume-resize.ts'
import { volumeSnapshot } from './volume-snapshot.ts'

/** What each kind does. A kind that is missing here does not compile. */
export const operationDefinitions: { [K in OperationKind]: OperationDefinition<K> } = {
  'vm.adopt': vmAdopt,
  'vm.create': vmCreate,
  'vm.start': vmStart,
  'vm.stop': vmStop,
  'vm.reboot': vmReboot,
  'vm.pause': vmPause,
  'vm.resume': vmResume,
  'vm.delete': vmDelete,
  'vm.update': vmUpdate,
  'snapshot.create': snapshotCreate,
  'snapshot.revert': snapshotRevert,
  'snapshot.delete': snapshotDelete,
  'disk.attach': diskAttach,
  'disk.detach': diskDetach,
  'disk.resize': diskResize,
  'media.change': mediaChange,
  'nic.attach': nicAttach,
  'nic.detach': nicDetach,
  'agent.ping': guestCall('agent.ping'),
  'agent.exec': guestCall('agent.exec'),
  'agent.read-file': guestCall('agent.read-file'),
  'agent.write-file': guestCall('agent.write-file'),
  'agent.sync-time': guestCall('agent.sync-time'),
  'agent.shutdown': guestCall('agent.shutdown'),
  'agent.quiesce': guestCall('agent.quiesce'),
  'agent.thaw': guestCall('agent.thaw'),
  'image.import': imageImport,
  'image.delete': imageDelete,
  'storage-pool.create': givingUp(storagePoolCreate),
  'storage-pool.delete': givingUp(storagePoolDelete),
  'volume.create': givingUp(volumeCreate),
  'volume.resize': givingUp(volumeResize),
  'volume.delete': givingUp(volumeDelete),
  'volume.snapshot': givingUp(volumeSnapshot),
}
