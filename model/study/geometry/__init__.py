"""Networks of few weight bits under attack, many at once, and a geometric model of them.

Gorsline, Smith and Merkel, On the Adversarial Robustness of Quantized Neural Networks (GLSVLSI 2021).
"""
