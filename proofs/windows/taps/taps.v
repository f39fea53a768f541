(** The taps of a layer added up in another order: positions before windows, the last window first. *)

From Coq Require Import ZArith Lia.
From poolproof Require Import touched.
Open Scope Z_scope.

(* false: (Z.to_nat k) => (Z.to_nat (k + 1)) *)
Theorem positions_before_windows : forall s d n k b m,
  taps s d n k b m = total (fun j => total (fun i => let x := i * s + j * d - b in
    indicator (andb (0 <=? x) (x <? Z.of_nat n))) m) (Z.to_nat k).
Proof. intros s d n k b m. unfold taps. apply exchanged. Qed.

Lemma from_the_front : forall f m, total f (S m) = f 0 + total (fun i => f (i + 1)) m.
Proof.
intros f m. induction m as [|m IH]; [cbn [total]; change (Z.of_nat 0) with 0; lia|].
cbn [total] in *. rewrite IH. replace (Z.of_nat m + 1) with (Z.of_nat (S m)) by lia. lia.
Qed.

Lemma backwards : forall m f, total f m = total (fun i => f (Z.of_nat m - 1 - i)) m.
Proof.
induction m as [|m IH]; intros f; [reflexivity|].
rewrite (from_the_front (fun i => f (Z.of_nat (S m) - 1 - i))). cbn [total].
replace (Z.of_nat (S m) - 1 - 0) with (Z.of_nat m) by lia. rewrite (IH f).
rewrite (total_same (fun i => f (Z.of_nat (S m) - 1 - (i + 1))) (fun i => f (Z.of_nat m - 1 - i)) m).
- lia.
- intros i _. f_equal. lia.
Qed.

(** What windows overhang behind the input is the same counted from the last one back. *)
(* false: ((Z.of_nat m - 1) * s => (Z.of_nat m * s *)
Theorem overhangs_from_the_last_window : forall n k s b m,
  total (fun i => k - Z.max (b - i * s) 0 - Z.max (i * s - b + k - n) 0) m
  = total (fun i => k - Z.max (b - i * s) 0 - Z.max ((Z.of_nat m - 1) * s - b + k - n - i * s) 0) m.
Proof.
intros n k s b m.
rewrite (total_of_difference (fun i => k - Z.max (b - i * s) 0)
  (fun i => Z.max (i * s - b + k - n) 0)).
rewrite (total_of_difference (fun i => k - Z.max (b - i * s) 0)
  (fun i => Z.max ((Z.of_nat m - 1) * s - b + k - n - i * s) 0)).
f_equal. etransitivity; [apply backwards|]. apply total_same. intros i _. f_equal. lia.
Qed.
