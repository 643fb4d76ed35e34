;; Strict base64 (RFC 4648, section 4: standard alphabet, no line breaks), 16 characters at a time. WebAssembly
;; because it is fast from its first call, where JavaScript over megabytes is slow until it has been
;; optimised, and a worker doesn't live that long. Both functions leave what doesn't fill a block to
;; the caller.
;;
;; The lookups by nibble are Wojciech Muła's: http://0x80.pl/notesen/2016-01-17-sse-base64-decoding.html and
;; http://0x80.pl/notesen/2016-01-12-sse-base64-encoding.html
;;
;; `deno task wasm` compiles this into base64-wasm.ts.
(module
  ;; 96 KiB of input, 128 KiB of output, and a little that is read and written beyond their ends.
  (memory (export "memory") 4)

  ;; Decodes blocks of 16 characters into 12 bytes each, up to the first block with a character that is
  ;; not of the alphabet. Writes 4 bytes more than it decodes.
  ;; Returns the number of characters decoded, a multiple of 16.
  (func (export "decode") (param $from i32) (param $length i32) (param $to i32) (result i32)
    (local $at i32) (local $end i32)
    (local $text v128) (local $high v128)
    (local.set $at (local.get $from))
    (local.set $end (i32.add (local.get $from) (i32.and (local.get $length) (i32.const -16))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $text (v128.load (local.get $at)))
        (local.set $high (i8x16.shr_u (local.get $text) (i32.const 4)))

        ;; Each nibble has a set of classes; a character is wrong where its two nibbles share one.
        (br_if $done
          (v128.any_true
            (v128.and
              (i8x16.swizzle
                (v128.const i8x16 0x15 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x13 0x1a 0x1b 0x1b 0x1b 0x1a)
                (v128.and (local.get $text) (v128.const i32x4 0x0f0f0f0f 0x0f0f0f0f 0x0f0f0f0f 0x0f0f0f0f)))
              (i8x16.swizzle
                (v128.const i8x16 0x10 0x10 0x01 0x02 0x04 0x08 0x04 0x08 0x10 0x10 0x10 0x10 0x10 0x10 0x10 0x10)
                (local.get $high)))))

        ;; From the character to its value: what to add depends on the high nibble, and on being "/".
        (local.set $text
          (i8x16.add
            (local.get $text)
            (i8x16.swizzle
              (v128.const i8x16 0 16 19 4 -65 -65 -71 -71 0 0 0 0 0 0 0 0)
              (i8x16.add
                (local.get $high)
                (i8x16.eq (local.get $text) (v128.const i32x4 0x2f2f2f2f 0x2f2f2f2f 0x2f2f2f2f 0x2f2f2f2f))))))

        ;; Four values of 6 bits to 12 + 12 bits, to 24, to three bytes, most significant first.
        (v128.store (local.get $to)
          (i8x16.shuffle 2 1 0 6 5 4 10 9 8 14 13 12 3 7 11 15
            (i32x4.dot_i16x8_s
              (v128.or
                (v128.and
                  (i16x8.shl (local.get $text) (i32.const 6))
                  (v128.const i32x4 0x0fc00fc0 0x0fc00fc0 0x0fc00fc0 0x0fc00fc0))
                (i16x8.shr_u (local.get $text) (i32.const 8)))
              (v128.const i16x8 0x1000 1 0x1000 1 0x1000 1 0x1000 1))
            (v128.const i32x4 0 0 0 0)))

        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 12)))
        (br $next)))
    (i32.sub (local.get $at) (local.get $from)))

  ;; Encodes blocks of 12 bytes into 16 characters each. Reads 4 bytes more than it encodes.
  ;; Returns the number of bytes encoded, a multiple of 12.
  (func (export "encode") (param $from i32) (param $length i32) (param $to i32) (result i32)
    (local $at i32) (local $end i32) (local $bits v128)
    (local.set $at (local.get $from))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 12)) (local.get $end)))

        ;; Of each three bytes a b c, the lane "b a c b" has every value of 6 bits in one piece.
        (local.set $bits
          (i8x16.swizzle
            (v128.load (local.get $at))
            (v128.const i8x16 1 0 2 1 4 3 5 4 7 6 8 7 10 9 11 10)))
        (local.set $bits
          (v128.or
            (v128.or
              (v128.and
                (i32x4.shr_u (local.get $bits) (i32.const 10))
                (v128.const i32x4 0x3f 0x3f 0x3f 0x3f))
              (v128.and
                (i32x4.shl (local.get $bits) (i32.const 4))
                (v128.const i32x4 0x3f00 0x3f00 0x3f00 0x3f00)))
            (v128.or
              (v128.and
                (i32x4.shr_u (local.get $bits) (i32.const 6))
                (v128.const i32x4 0x3f0000 0x3f0000 0x3f0000 0x3f0000))
              (v128.and
                (i32x4.shl (local.get $bits) (i32.const 8))
                (v128.const i32x4 0x3f000000 0x3f000000 0x3f000000 0x3f000000)))))

        ;; From the value to its character: 0–25 → 13, 26–51 → 0, 52–63 → 1–12, and what to add by that.
        (v128.store (local.get $to)
          (i8x16.add
            (local.get $bits)
            (i8x16.swizzle
              (v128.const i8x16 71 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -19 -16 65 0 0)
              (v128.or
                (i8x16.sub_sat_u (local.get $bits) (v128.const i32x4 0x33333333 0x33333333 0x33333333 0x33333333))
                (v128.and
                  (i8x16.lt_u (local.get $bits) (v128.const i32x4 0x1a1a1a1a 0x1a1a1a1a 0x1a1a1a1a 0x1a1a1a1a))
                  (v128.const i32x4 0x0d0d0d0d 0x0d0d0d0d 0x0d0d0d0d 0x0d0d0d0d))))))

        (local.set $at (i32.add (local.get $at) (i32.const 12)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (br $next)))
    (i32.sub (local.get $at) (local.get $from))))
