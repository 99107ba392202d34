/** A drive's place by its name, as libvirt counts: sda is 0, sdz 25, sdaa 26. */
export const driveNumber = (target: string): number =>
  [...target.slice(2)].reduce((number, letter) => (number + 1) * 26 + letter.charCodeAt(0) - 'a'.charCodeAt(0), -1)
