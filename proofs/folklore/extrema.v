(** The largest and the smallest of any number of real taps: turned upside down, and moved a little. *)

From Coq Require Import Reals Lra List.
Import ListNotations.
Open Scope R_scope.

Definition greatest (first : R) (taps : list R) : R := fold_left Rmax taps first.
Definition least (first : R) (taps : list R) : R := fold_left Rmin taps first.

Lemma upside_down : forall taps first, greatest (- first) (map Ropp taps) = - least first taps.
Proof.
induction taps as [|t taps IH]; intros first; [reflexivity|].
unfold greatest, least in *. simpl. rewrite <- IH. f_equal.
unfold Rmax, Rmin. destruct (Rle_dec (- first) (- t)), (Rle_dec first t); lra.
Qed.

(* false: greatest (- x) (map Ropp xs) => greatest x xs *)
Theorem minima_are_confused_as_maxima_upside_down : forall x xs y ys,
  least x xs = least y ys
  <-> greatest (- x) (map Ropp xs) = greatest (- y) (map Ropp ys).
Proof. intros x xs y ys. rewrite !upside_down. split; lra. Qed.

(** Two windows, tap by tap. *)
Definition near (e : R) (p : R * R) : Prop := Rabs (fst p - snd p) <= e.

(* false: - greatest => + greatest *)
Theorem maximum_moves_no_further_than_its_taps : forall e pairs first,
  near e first -> Forall (near e) pairs ->
  Rabs (greatest (fst first) (map fst pairs) - greatest (snd first) (map snd pairs)) <= e.
Proof.
intros e. unfold greatest, near.
induction pairs as [|[a b] pairs IH]; intros [x y] H F; [exact H|]. simpl in *.
inversion F as [|? ? Ha Fp]. subst. simpl in Ha. apply (IH (Rmax x a, Rmax y b)); [|exact Fp].
simpl. revert H Ha. unfold Rmax, Rabs.
destruct (Rle_dec x a), (Rle_dec y b);
  repeat match goal with |- context [Rcase_abs ?z] => destruct (Rcase_abs z) end; lra.
Qed.
