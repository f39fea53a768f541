(** Sizes, strides and windows: obligations of claims in [integer], one by one.

    Each statement is that of an obligation, to the letter, as [verify/encodings/gallina.py] writes
    it. All have one proof: quotients become numbers that their remainders tell of, once every
    divisor is seen to be positive, and what is left is for the procedures of linear and nonlinear
    arithmetic. [false] in a comment names what must not be provable in its place. *)

From Coq Require Import ZArith Lia.
Open Scope Z_scope.

Ltac without_quotient x := lazymatch x with context [Z.div _ _] => fail | _ => idtac end.
Ltac quotient x d :=
  without_quotient x; without_quotient d;
  let positive := fresh "positive" in
  let remainder := fresh "remainder" in
  let whole := fresh "whole" in
  let q := fresh "q" in
  let r := fresh "r" in
  assert (positive : 0 < d) by (lia || nia);
  pose proof (Z.div_mod x d ltac:(lia)) as whole;
  pose proof (Z.mod_pos_bound x d positive) as remainder;
  set (q := x / d) in *; set (r := x mod d) in *; clearbody q r.
Ltac sizes := intros;
  repeat match goal with
  | |- context [?x / ?d] => quotient x d
  | _ : context [?x / ?d] |- _ => quotient x d
  end;
  (lia || nia).

(** [every-size]: merged axes *)
(* false: (t < k) => True *)
Theorem every_size_5 :
  forall k t j L b : Z, (1 <= k) -> (0 <= t) -> (t < k) -> (0 <= j) -> ((((k * j) + t) < ((k * L)
  - (k * b))) <-> (j < (L - b))).
Proof. sizes. Qed.

(** [overlapping-windows]: windows over an element base m = 0 *)
(* false: ) + 1)) / s)) 0) 0)) = 0) => ) + 1)) / s)) 0) 0)) <> 0) *)
Theorem overlapping_windows_2a :
  forall k s e before : Z, (1 <= k) -> (1 <= s) -> (((Z.min (Z.max (((e + before) / s) + 1) 0) 0)
  - (Z.min (Z.max (- ((- (((e + before) - k) + 1)) / s)) 0) 0)) = 0).
Proof. sizes. Qed.

(** [overlapping-windows]: windows over an element step m → m + 1 *)
(* false: (0 <= m) => True *)
Theorem overlapping_windows_2b :
  forall k s m e before chosen_1 : Z, (1 <= k) -> (1 <= s) -> (0 <= m) -> ((((((m * s) - before)
  <= e) /\ (e < (((m * s) - before) + k))) -> chosen_1 = 1) /\ (~ ((((m * s) - before) <= e) /\ (e
  < (((m * s) - before) + k))) -> chosen_1 = 0)) -> (((Z.min (Z.max (((e + before) / s) + 1) 0) (m
  + 1)) - (Z.min (Z.max (- ((- (((e + before) - k) + 1)) / s)) 0) (m + 1))) = (((Z.min (Z.max (((e
  + before) / s) + 1) 0) m) - (Z.min (Z.max (- ((- (((e + before) - k) + 1)) / s)) 0) m)) +
  chosen_1)).
Proof. sizes. Qed.

(** [overlapping-windows]: at most ⌈k/s⌉ of them *)
(* false: (1 <= s) => True *)
Theorem overlapping_windows_3 :
  forall k s m e before : Z, (1 <= k) -> (1 <= s) -> (0 <= m) -> (((Z.min (Z.max (((e + before) /
  s) + 1) 0) m) - (Z.min (Z.max (- ((- (((e + before) - k) + 1)) / s)) 0) m)) <= (- ((- k) / s))).
Proof. sizes. Qed.

(** [overlapping-windows]: at least ⌊k/s⌋ away from the border *)
(* false: (k <= ((e + before) + 1)) => True *)
Theorem overlapping_windows_4 :
  forall k s m e before : Z, (1 <= k) -> (1 <= s) -> (0 <= m) -> (k <= ((e + before) + 1)) -> ((e
  + before) < (m * s)) -> ((k / s) <= ((Z.min (Z.max (((e + before) / s) + 1) 0) m) - (Z.min
  (Z.max (- ((- (((e + before) - k) + 1)) / s)) 0) m))).
Proof. sizes. Qed.

(** [overlapping-windows]: at most n·⌈k/s⌉ taps, element by element base n = 0 *)
(* false: (0 <= (0 * (- ((- k) / s)))) => (~ (0 <= (0 * (- ((- k) / s))))) *)
Theorem overlapping_windows_6a :
  forall k s m : Z, (1 <= k) -> (1 <= s) -> (0 <= m) -> (0 <= (0 * (- ((- k) / s)))).
Proof. sizes. Qed.

(** [overlapping-windows]: at most n·⌈k/s⌉ taps, element by element step n → n + 1 *)
(* false: (1 <= s) => True *)
Theorem overlapping_windows_6b :
  forall k s m n sum_1 before : Z, (1 <= k) -> (1 <= s) -> (0 <= m) -> (0 <= n) -> (sum_1 <= (n *
  (- ((- k) / s)))) -> ((sum_1 + ((Z.min (Z.max (((n + before) / s) + 1) 0) m) - (Z.min (Z.max (-
  ((- (((n + before) - k) + 1)) / s)) 0) m))) <= ((n + 1) * (- ((- k) / s)))).
Proof. sizes. Qed.

(** [touched-elements]: under a window and an earlier one, so under the one before it *)
(* false: (earlier < i) => True *)
Theorem touched_elements_3 :
  forall k s earlier i e : Z, (1 <= k) -> (1 <= s) -> (earlier < i) -> (((((i * s) <= e) /\ (e <
  ((i * s) + k))) /\ (((earlier * s) <= e) /\ (e < ((earlier * s) + k)))) -> ((((i - 1) * s) <= e)
  /\ (e < (((i - 1) * s) + k)))).
Proof. sizes. Qed.

(** [touched-elements]: where r steps can be made, one can *)
(* false: (0 <= (j - (r * s_part))) => True *)
Theorem touched_elements_7 :
  forall d_part s_part r i m j : Z, (1 <= d_part) -> (1 <= s_part) -> (1 <= r) -> ((i + (r *
  d_part)) < m) -> (0 <= (j - (r * s_part))) -> (((i + d_part) < m) /\ (0 <= (j - s_part))).
Proof. sizes. Qed.

(** [adaptive-is-ordinary-iff]: m divides n: kernel and stride n/m *)
(* false: (r = 0) => True *)
Theorem adaptive_is_ordinary_iff_1 :
  forall q m r i : Z, (1 <= q) -> (1 <= m) -> (0 <= r) -> (r < m) -> (0 <= i) -> (r = 0) -> ((((i
  * ((q * m) + r)) / m) = (i * q)) /\ ((- ((- ((i + 1) * ((q * m) + r))) / m)) = ((i + 1) * q))).
Proof. sizes. Qed.

(** [adaptive-is-ordinary-iff]: the first window has n/m elements only then *)
(* false: (0 <= r) => True *)
Theorem adaptive_is_ordinary_iff_2 :
  forall q m r : Z, (1 <= q) -> (1 <= m) -> (0 <= r) -> (r < m) -> (((- ((- (1 * ((q * m) + r))) /
  m)) = q) <-> (r = 0)).
Proof. sizes. Qed.

(** [adaptive-is-ordinary-iff]: remainder 1: kernel ⌊n/m⌋ + 1, stride ⌊n/m⌋ *)
(* false: (i < m) => True *)
Theorem adaptive_is_ordinary_iff_3 :
  forall q m r i : Z, (1 <= q) -> (1 <= m) -> (0 <= r) -> (r < m) -> (0 <= i) -> (i < m) -> (r =
  1) -> ((((i * ((q * m) + r)) / m) = (i * q)) /\ ((- ((- ((i + 1) * ((q * m) + r))) / m)) = (((i
  * q) + q) + 1))).
Proof. sizes. Qed.

(** [adaptive-is-ordinary-iff]: remainder m − 1: kernel ⌊n/m⌋ + 2, stride ⌊n/m⌋ + 1, padding 1 *)
(* false: (r = (m - 1)) => True *)
Theorem adaptive_is_ordinary_iff_4 :
  forall q m r i : Z, (1 <= q) -> (1 <= m) -> (0 <= r) -> (r < m) -> (2 <= m) -> (0 <= i) -> (i <
  m) -> (r = (m - 1)) -> ((((i * ((q * m) + r)) / m) = (Z.max ((i * (q + 1)) - 1) 0)) /\ ((- ((-
  ((i + 1) * ((q * m) + r))) / m)) = (Z.min ((i + 1) * (q + 1)) ((q * m) + r)))).
Proof. sizes. Qed.

(** [adaptive-is-ordinary-iff]: the popular kernel n − (m − 1)·⌊n/m⌋ is the first window's only then *)
(* false: (r < m) => True *)
Theorem adaptive_is_ordinary_iff_7 :
  forall q m r : Z, (1 <= q) -> (1 <= m) -> (0 <= r) -> (r < m) -> (((((q * m) + r) - ((m - 1) *
  q)) = (- ((- ((q * m) + r)) / m))) <-> (r <= 1)).
Proof. sizes. Qed.

(** [adaptive-taps]: no window is empty, the first and the last reach the ends, neighbours share one or none *)
(* false: (1 <= m) => True *)
Theorem adaptive_taps_3 :
  forall n m i chosen_1 : Z, (1 <= n) -> (1 <= m) -> (0 <= i) -> (((~ (((((i + 1) * n) / m) * m) =
  ((i + 1) * n))) -> chosen_1 = 1) /\ (~ (~ (((((i + 1) * n) / m) * m) = ((i + 1) * n))) ->
  chosen_1 = 0)) -> ((((((i * n) / m) < (- ((- ((i + 1) * n)) / m))) /\ (((0 * n) / m) = 0)) /\
  ((- ((- (((m - 1) + 1) * n)) / m)) = n)) /\ (((- ((- ((i + 1) * n)) / m)) - (((i + 1) * n) / m))
  = chosen_1)).
Proof. sizes. Qed.

(** [adaptive-taps]: taps of the first t windows base t = 0 *)
(* false: (0 = ((- ((- (0 * n)) / m)) + 0)) => (~ (0 = ((- ((- (0 * n)) / m)) + 0))) *)
Theorem adaptive_taps_4a :
  forall n m : Z, (1 <= n) -> (1 <= m) -> (0 = ((- ((- (0 * n)) / m)) + 0)).
Proof. sizes. Qed.

(** [adaptive-taps]: taps of the first t windows step t → t + 1 *)
(* false: / m))) = ((- ((- ((t + 1) * n => / m))) <> ((- ((- ((t + 1) * n *)
Theorem adaptive_taps_4b :
  forall n m t sum_1 sum_2 chosen_1 : Z, (1 <= n) -> (1 <= m) -> (0 <= t) -> (sum_1 = ((- ((- (t *
  n)) / m)) + sum_2)) -> (((~ ((((t * n) / m) * m) = (t * n))) -> chosen_1 = 1) /\ (~ (~ ((((t *
  n) / m) * m) = (t * n))) -> chosen_1 = 0)) -> ((sum_1 + ((- ((- ((t + 1) * n)) / m)) - ((t * n)
  / m))) = ((- ((- ((t + 1) * n)) / m)) + (sum_2 + chosen_1))).
Proof. sizes. Qed.

(** [adaptive-taps]: for t = m: n taps and m − g more *)
(* false: m_part)) / m_part)) = g)) => m_part)) / m_part)) <> g)) *)
Theorem adaptive_taps_7 :
  forall n m g m_part : Z, (1 <= n) -> (1 <= m) -> (1 <= g) -> (1 <= m_part) -> (((- ((- (m * n))
  / m)) = n) /\ ((- ((- (g * m_part)) / m_part)) = g)).
Proof. sizes. Qed.

(** [adaptive-windows-are-dual]: element e is in window i exactly if i is in window e of the exchanged sizes *)
(* false: m) / n) <= i) /\ (i < (- ((- ((e + 1) * m) => m) / n) <= i) /\ (i >= (- ((- ((e + 1) * m) *)
Theorem adaptive_windows_are_dual_1 :
  forall n m i e : Z, (1 <= n) -> (1 <= m) -> (0 <= i) -> (0 <= e) -> (((((i * n) / m) <= e) /\ (e
  < (- ((- ((i + 1) * n)) / m)))) <-> ((((e * m) / n) <= i) /\ (i < (- ((- ((e + 1) * m)) / n))))).
Proof. sizes. Qed.

(** [adaptive-windows-are-dual]: a window has ⌈n/m⌉ elements or one more *)
(* false: m)) - ((i * n) / m)) <= ((- ((- n) / => m)) - ((i * n) / m)) > ((- ((- n) / *)
Theorem adaptive_windows_are_dual_2 :
  forall n m i : Z, (1 <= n) -> (1 <= m) -> (0 <= i) -> (((- ((- n) / m)) <= ((- ((- ((i + 1) *
  n)) / m)) - ((i * n) / m))) /\ (((- ((- ((i + 1) * n)) / m)) - ((i * n) / m)) <= ((- ((- n) /
  m)) + 1))).
Proof. sizes. Qed.

(** [adaptive-windows-are-dual]: m ≤ n: only neighbours share elements, and no element is in three windows *)
(* false: (m <= n) => True *)
Theorem adaptive_windows_are_dual_3 :
  forall n m i e : Z, (1 <= n) -> (1 <= m) -> (m <= n) -> (0 <= i) -> (0 <= e) -> (((- ((- ((i +
  1) * n)) / m)) <= (((i + 2) * n) / m)) /\ (((- ((- ((e + 1) * m)) / n)) - ((e * m) / n)) <= 2)).
Proof. sizes. Qed.

(** [adaptive-windows-are-dual]: n divides m = k·n: every element k times; None is k = 1 *)
(* false: (1 <= k) => True *)
Theorem adaptive_windows_are_dual_4 :
  forall n k i : Z, (1 <= n) -> (1 <= k) -> (0 <= i) -> ((((i * n) / (k * n)) = (i / k)) /\ ((-
  ((- ((i + 1) * n)) / (k * n))) = ((i / k) + 1))).
Proof. sizes. Qed.

(** [fractional-windows-are-inside]: the first window begins at 0, the last at n − k *)
(* false: pan) / (b * steps))) = span)) => pan) / (b * steps))) <> span)) *)
Theorem fractional_windows_are_inside_1 :
  forall a b span steps : Z, (0 <= a) -> (a < b) -> (0 <= span) -> (1 <= steps) -> (((((((0 * b) +
  a) * span) / (b * steps)) - ((a * span) / (b * steps))) = 0) /\ ((((((steps * b) + a) * span) /
  (b * steps)) - ((a * span) / (b * steps))) = span)).
Proof. sizes. Qed.

(** [fractional-windows-are-inside]: a step is ⌊α⌋ or ⌈α⌉, and never back *)
(* false: an) / (b * steps)))) <= (- ((- span) / steps => an) / (b * steps)))) > (- ((- span) / steps *)
Theorem fractional_windows_are_inside_2 :
  forall a b span steps i : Z, (0 <= a) -> (a < b) -> (0 <= span) -> (1 <= steps) -> (0 <= i) ->
  (((span / steps) <= (((((((i + 1) * b) + a) * span) / (b * steps)) - ((a * span) / (b * steps)))
  - (((((i * b) + a) * span) / (b * steps)) - ((a * span) / (b * steps))))) /\ ((((((((i + 1) * b)
  + a) * span) / (b * steps)) - ((a * span) / (b * steps))) - (((((i * b) + a) * span) / (b *
  steps)) - ((a * span) / (b * steps)))) <= (- ((- span) / steps)))).
Proof. sizes. Qed.

(** [taps-closed-form]: taps of one kernel position, any dilation base m = 0 *)
(* false: (- x)) / s)) 0) 0)) = 0) => (- x)) / s)) 0) 0)) <> 0) *)
Theorem taps_closed_form_6a :
  forall n s x : Z, (0 <= n) -> (1 <= s) -> (((Z.min (Z.max (- ((- (n - x)) / s)) 0) 0) - (Z.min
  (Z.max (- ((- (- x)) / s)) 0) 0)) = 0).
Proof. sizes. Qed.

(** [taps-closed-form]: taps of one kernel position, any dilation step m → m + 1 *)
(* false: (0 <= m) => True *)
Theorem taps_closed_form_6b :
  forall n s m x chosen_1 : Z, (0 <= n) -> (1 <= s) -> (0 <= m) -> ((((0 <= ((m * s) + x)) /\ (((m
  * s) + x) < n)) -> chosen_1 = 1) /\ (~ ((0 <= ((m * s) + x)) /\ (((m * s) + x) < n)) -> chosen_1
  = 0)) -> (((Z.min (Z.max (- ((- (n - x)) / s)) 0) (m + 1)) - (Z.min (Z.max (- ((- (- x)) / s))
  0) (m + 1))) = (((Z.min (Z.max (- ((- (n - x)) / s)) 0) m) - (Z.min (Z.max (- ((- (- x)) / s))
  0) m)) + chosen_1)).
Proof. sizes. Qed.

(** [taps-closed-form]: windows with a tap base m = 0 *)
(* false: (0 = 0) => (~ (0 = 0)) *)
Theorem taps_closed_form_8a :
  forall n k s before : Z, (1 <= n) -> (1 <= k) -> (1 <= s) -> (before < k) -> ((((0 - 1) * s) -
  before) < n) -> (0 = 0).
Proof. sizes. Qed.

(** [taps-closed-form]: windows with a tap step m → m + 1 *)
(* false: (((((m + 1) - 1) * s) - before) < n) => True *)
Theorem taps_closed_form_8b :
  forall n k s before m sum_1 chosen_1 : Z, (1 <= n) -> (1 <= k) -> (1 <= s) -> (before < k) -> (0
  <= m) -> (((((m - 1) * s) - before) < n) -> (sum_1 = m)) -> (((((m + 1) - 1) * s) - before) < n)
  -> ((((((m * s) - before) < n) /\ (0 < (((m * s) - before) + k))) -> chosen_1 = 1) /\ (~ ((((m *
  s) - before) < n) /\ (0 < (((m * s) - before) + k))) -> chosen_1 = 0)) -> ((sum_1 + chosen_1) =
  (m + 1)).
Proof. sizes. Qed.

(** [taps-growth]: larger window, "same" padding, SAME_UPPER and SAME_LOWER *)
(* false: n) -> (1 <= k) -> (1 <= s) -> ((((((i * s) - => n) -> (1 <= k) -> (1 > s) -> ((((((i * s) - *)
Theorem taps_growth_3 :
  forall n k s i e : Z, (1 <= n) -> (1 <= k) -> (1 <= s) -> ((((((i * s) - (((Z.max (((((- ((- n)
  / s)) - 1) * s) + k) - n) 0) + 0) / 2)) <= e) /\ (e < (((i * s) - (((Z.max (((((- ((- n) / s)) -
  1) * s) + k) - n) 0) + 0) / 2)) + k))) -> ((((i * s) - (((Z.max (((((- ((- n) / s)) - 1) * s) +
  (k + 1)) - n) 0) + 0) / 2)) <= e) /\ (e < (((i * s) - (((Z.max (((((- ((- n) / s)) - 1) * s) +
  (k + 1)) - n) 0) + 0) / 2)) + (k + 1))))) /\ (((((i * s) - (((Z.max (((((- ((- n) / s)) - 1) *
  s) + k) - n) 0) + 1) / 2)) <= e) /\ (e < (((i * s) - (((Z.max (((((- ((- n) / s)) - 1) * s) + k)
  - n) 0) + 1) / 2)) + k))) -> ((((i * s) - (((Z.max (((((- ((- n) / s)) - 1) * s) + (k + 1)) - n)
  0) + 1) / 2)) <= e) /\ (e < (((i * s) - (((Z.max (((((- ((- n) / s)) - 1) * s) + (k + 1)) - n)
  0) + 1) / 2)) + (k + 1)))))).
Proof. sizes. Qed.

(** [full-windows-iff-inside]: two axes *)
(* false: (F <= G) => True *)
Theorem full_windows_iff_inside_5 :
  forall T F M G : Z, (1 <= T) -> (1 <= F) -> (T <= M) -> (F <= G) -> (((T * F) = (M * G)) <-> ((T
  = M) /\ (F = G))).
Proof. sizes. Qed.

(** [separable-never-costs-more]: never more over two axes *)
(* false: (Ew <= Tw) => True *)
Theorem separable_never_costs_more_2 :
  forall Uh Th Ew Tw Eh : Z, (Uh <= Th) -> (Ew <= Tw) -> (((0 + ((1 * (1 * Uh)) * (Tw - Ew))) +
  (((1 * Ew) * 1) * (Th - Eh))) <= (((1 * Th) * Tw) - ((1 * Eh) * Ew))).
Proof. sizes. Qed.

(** [separable-never-costs-more]: less exactly if windows share rows and have two taps in one *)
(* false: Eh) * Ew))) <-> ((Uh < Th) /\ (Ew < => Eh) * Ew))) <-> ((Uh >= Th) /\ (Ew < *)
Theorem separable_never_costs_more_3 :
  forall Uh Th Ew Tw Eh : Z, (Uh <= Th) -> (Ew <= Tw) -> ((((0 + ((1 * (1 * Uh)) * (Tw - Ew))) +
  (((1 * Ew) * 1) * (Th - Eh))) < (((1 * Th) * Tw) - ((1 * Eh) * Ew))) <-> ((Uh < Th) /\ (Ew <
  Tw))).
Proof. sizes. Qed.

(** [van-herk-never-costs-more]: less than three for each of m + k − 1 elements *)
(* false: (1 <= m) => True *)
Theorem van_herk_never_costs_more_3 :
  forall k m : Z, (1 <= k) -> (1 <= m) -> ((((((Z.min (Z.max ((Z.min ((m - 1) - 0) (((m + k) - 1)
  - 1)) + k) 0) ((m + k) - 1)) - (- ((- (Z.min (Z.max ((Z.min ((m - 1) - 0) (((m + k) - 1) - 1)) +
  k) 0) ((m + k) - 1))) / k))) + (((- ((- (Z.max (Z.min ((m - 1) - 0) (((m + k) - 1) - 1)) 0)) /
  k)) * (Z.max (k - 2) 0)) - (Z.max (((- ((- (Z.max (Z.min ((m - 1) - 0) (((m + k) - 1) - 1)) 0))
  / k)) * k) - ((m + k) - 1)) 0))) + (Z.min (Z.max (Z.min ((m - 1) - 0) (((m + k) - 1) - 1)) 0)
  (Z.max (((((m + k) - 1) - 1) / k) * k) 0))) - ((Z.min (Z.max (Z.min ((m - 1) - 0) (((m + k) - 1)
  - 1)) 0) (Z.max (((((m + k) - 1) - 1) / k) * k) 0)) / k)) <= (3 * ((m + k) - 2))).
Proof. sizes. Qed.

(** [max-pool-cascades]: every tap reads elements of the one window *)
(* false: (1 <= s1) => True *)
Theorem max_pool_cascades_1 :
  forall k1 s1 k2 j e : Z, (1 <= k1) -> (1 <= s1) -> (1 <= k2) -> (((((0 <= j) /\ (j < k2)) /\ ((j
  * s1) <= e)) /\ (e < ((j * s1) + k1))) -> ((0 <= e) /\ (e < (k1 + ((k2 - 1) * s1))))).
Proof. sizes. Qed.

(** [max-pool-cascades]: every element of the one window is under a tap *)
(* false: ((s1 <= k1) \/ (k2 <= 1)) => True *)
Theorem max_pool_cascades_2 :
  forall k1 s1 k2 e : Z, (1 <= k1) -> (1 <= s1) -> (1 <= k2) -> ((s1 <= k1) \/ (k2 <= 1)) -> (((0
  <= e) /\ (e < (k1 + ((k2 - 1) * s1)))) -> ((((0 <= (Z.min (e / s1) (k2 - 1))) /\ ((Z.min (e /
  s1) (k2 - 1)) < k2)) /\ (((Z.min (e / s1) (k2 - 1)) * s1) <= e)) /\ (e < (((Z.min (e / s1) (k2 -
  1)) * s1) + k1)))).
Proof. sizes. Qed.

(** [tree-depth]: after k layers there are ⌈n/2ᵏ⌉ values *)
(* false: (((q * (v - 1)) < n) /\ (n <= (q * v))) => True *)
Theorem tree_depth_2 :
  forall q v n : Z, (1 <= q) -> (((q * (v - 1)) < n) /\ (n <= (q * v))) -> ((((2 * q) * (((v + 1)
  / 2) - 1)) < n) /\ (n <= ((2 * q) * ((v + 1) / 2)))).
Proof. sizes. Qed.

(** [stride-is-the-window]: an element is in the window ⌊e/k⌋ and in no other *)
(* false: (1 <= k) => True *)
Theorem stride_is_the_window_1 :
  forall k i e : Z, (1 <= k) -> ((((i * k) <= e) /\ (e < ((i + 1) * k))) <-> (i = (e / k))).
Proof. sizes. Qed.
